"""What a stylized picture is judged by in training: the objective and its terms."""
