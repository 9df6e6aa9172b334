"""What a stylised picture is judged by in training: the objective and its terms."""
