"""The Hugging Face hub, or a mirror that speaks as it does: what a repository holds, and its files."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    XetDownloadError,
)
from huggingface_hub.errors import HTTPError as HttpError  # type: ignore[attr-defined]  # of httpx or httpx2
from huggingface_hub.utils.tqdm import disable_progress_bars
from rag_common.model_manifest import ModelError

PUBLIC = "https://huggingface.co"


class HubUnavailable(ModelError):
    """The hub does not answer or fails; trying again later may help."""


@dataclass(frozen=True)
class HubFile:
    """What the hub says of a file; `sha256` it knows of large files alone, a mirror may know neither."""

    size: int | None
    sha256: str | None


@dataclass(frozen=True)
class Listing:
    """A repository at one commit."""

    commit: str
    files: Mapping[str, HubFile]


class Hub:
    """One hub, asked with one token; an empty address is the public hub."""

    def __init__(self, endpoint: str, token: str) -> None:
        self.endpoint = (endpoint or PUBLIC).rstrip("/")
        self._token = token or None
        disable_progress_bars()  # they are for terminals; a container's log wants lines

    def list_files(self, name: str, revision: str) -> Listing:
        """What `name` holds at a branch, a tag or a commit. Raises ModelError with what to do."""
        with self._translated(name, revision):
            api = HfApi(self.endpoint, token=self._token)
            info = api.model_info(name, revision=revision, files_metadata=True)
        files = {
            file.rfilename: HubFile(file.size, file.lfs.sha256 if file.lfs else None)
            for file in info.siblings or []
        }
        return Listing(info.sha or revision, files)

    def fetch(self, name: str, commit: str, file: str, folder: Path) -> None:
        """Puts the file into the folder, unless it is there already. Raises ModelError as `list_files` does."""
        with self._translated(name, commit):
            hf_hub_download(
                name, file, revision=commit, local_dir=folder, endpoint=self.endpoint, token=self._token
            )

    @contextmanager
    def _translated(self, name: str, revision: str) -> Iterator[None]:
        """The hub's errors as words for whoever wrote the name."""
        how = "a token of yours as HF_TOKEN or as the file hf_token in SECRETS_DIR"
        try:
            yield
        except HFValidationError:
            raise ModelError(
                f"hf://{name} names no model; write hf://owner/name or hf://owner/name@revision"
            ) from None
        except GatedRepoError:
            raise ModelError(
                f"{name} is gated: accept its terms at {self.endpoint}/{name} and give {how}"
            ) from None
        except RevisionNotFoundError:
            raise ModelError(f"{name} has no revision {revision} at {self.endpoint}") from None
        except RepositoryNotFoundError:
            raise ModelError(
                f"{self.endpoint} knows no model {name}; if it is a private one, give {how}"
            ) from None
        except HfHubHTTPError as error:
            status = error.response.status_code
            if status in (401, 403):
                raise ModelError(f"{self.endpoint} refuses {name} ({status}); give {how}") from None
            raise HubUnavailable(f"{self.endpoint} answered {status} for {name}; try again later") from None
        except (HttpError, XetDownloadError, LocalEntryNotFoundError, ConnectionError) as error:
            reason = str(error.__cause__ or error).strip().partition("\n")[0]
            raise HubUnavailable(
                f"{self.endpoint} cannot be reached ({reason}); "
                "check the network, or set HF_ENDPOINT to a mirror"
            ) from None
