"""What may be chosen for a studio."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

HERE = "127.0.0.1"
FIRST_PORT = 7860


class StudioSettings(BaseModel):
    """Choices for a studio.

    Attributes:
        host: the address that it listens on. ``HERE``: only browsers on this machine reach it.
        port: None takes the first free one from ``FIRST_PORT`` on.
        max_upload: megabytes that an uploaded file may have.
        training: any field of ``TrainingSettings`` that differs from its default in the studio's trainings.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    host: str = HERE
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    max_upload: float = Field(2000, gt=0)
    training: dict[str, Any] = {}
