"""Finds the model that the settings name and says in one line why it cannot be served."""

from dataclasses import dataclass
from pathlib import Path

from rag_common.model_folder import check_model_folder, named_folder
from rag_common.model_manifest import ModelError

from rag_llm.settings import PACKAGED_MODEL, LlmSettings


@dataclass(frozen=True)
class Model:
    """Where vLLM finds the weights and the name under which it serves them."""

    source: str
    served_name: str
    local: bool


def find_model(settings: LlmSettings) -> Model:
    """The packaged model, a folder, or a Hugging Face name, checked as far as that is quick.

    Raises ModelError with what to do.
    """
    name = settings.llm_model
    if not name:
        packaged = settings.packaged_folder
        _check_folder(packaged, "run `python -m rag_llm.prepare` first")
        return Model(str(packaged), PACKAGED_MODEL, local=True)
    if folder := named_folder(name):
        _check_folder(folder, "set LLM_MODEL to a folder with a model or to a Hugging Face name")
        return Model(str(folder.resolve()), folder.resolve().name, local=True)
    _check_hub(name)
    return Model(name, name, local=False)


def _check_folder(folder: Path, remedy: str) -> None:
    check_model_folder(folder, remedy)
    if not (folder / "config.json").is_file():
        raise ModelError(f"the model folder {folder} has no config.json; {remedy}")


def _check_hub(name: str) -> None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        hf_hub_download(name, "config.json")
    except HFValidationError:
        raise ModelError(
            f"LLM_MODEL={name} is neither a folder nor a Hugging Face name (owner/model)"
        ) from None
    except LocalEntryNotFoundError:
        raise ModelError(f"no connection to Hugging Face, and {name} is not in its local cache") from None
    except HfHubHTTPError as error:
        reason = str(error).strip().splitlines()[-1]
        raise ModelError(f"Hugging Face does not give the model {name}: {reason}") from None
