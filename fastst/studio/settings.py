"""What may be chosen for a studio."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

HERE = "127.0.0.1"
FIRST_PORT = 7860


class StudioSettings(BaseModel):
    """Choices for a studio; those with a description are options, too.

    Only browsers on this machine reach it at ``HERE``. ``training`` are fields of ``TrainingSettings`` that
    differ from their defaults in the studio's trainings.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None, description=f"Where to listen; the first free from {FIRST_PORT} by default."
    )
    host: str = Field(HERE, description="Address to listen on; 0.0.0.0 lets other machines in.")
    max_upload: float = Field(2000, gt=0, description="Megabytes that an uploaded file may have.")
    training: dict[str, Any] = {}
