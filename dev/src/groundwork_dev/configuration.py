"""supervisord's configuration file, written from the table of parts."""

import os
import shlex
from pathlib import Path

from groundwork_dev.errors import RunnerError
from groundwork_dev.parts import Part
from groundwork_dev.settings import RunnerSettings

MARK = "GROUNDWORK_PART"
"""Variable in each part's environment, by which a part is found when its supervisor was killed."""

HEAD = """[supervisord]
logfile={logs}/supervisord.log
pidfile={state}/supervisord.pid
childlogdir={logs}
{user}
[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

PROGRAM = """
[program:{name}]
command={command}
environment={environment}
autostart=false
autorestart=unexpected
; 78: wrong configuration, which trying again does not mend. vLLM ends with 0 when its engine has died.
exitcodes=78
startsecs=1
startretries=2
stopsignal={stop_signal}
stopwaitsecs=32
stopasgroup={stops_group}
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=1
{user}
"""


def configuration(settings: RunnerSettings, table: list[Part]) -> str:
    """supervisord's configuration file for these parts; it holds secrets."""
    user = "user=root" if os.geteuid() == 0 else ""
    paths = {name: _escaped(str(path)) for name, path in (("logs", settings.logs), ("state", settings.state))}
    head = HEAD.format(**paths, socket=_escaped(str(socket_of(settings))), user=user)
    return head + "".join(_program(settings, part) for part in table)


def _program(settings: RunnerSettings, part: Part) -> str:
    environment = part.environment | {MARK: f"{settings.state}:{part.name}"}
    return PROGRAM.format(
        name=part.name,
        command=_escaped(shlex.join(part.command)),
        environment=",".join(f"{name}={_quoted(name, value)}" for name, value in environment.items()),
        stop_signal=part.stop_signal,
        stops_group=str(part.stops_group).lower(),
        log=_escaped(str(log_of(settings, part.name))),
        user=f"user={part.user}" if part.user else "",
    )


def _escaped(value: str) -> str:
    return value.replace("%", "%%")


def _quoted(name: str, value: str) -> str:
    # supervisord knows no escape inside its quotes, and takes " ;" for a comment.
    if any(piece in value for piece in ('"', "\n", " ;")):
        raise RunnerError(f"{name}: a value with a quotation mark, a line break or ` ;` cannot be passed on")
    return f'"{_escaped(value)}"'


def socket_of(settings: RunnerSettings) -> Path:
    """Where the supervisor takes commands."""
    return settings.state / "supervisor.sock"


def log_of(settings: RunnerSettings, part: str) -> Path:
    """Where a part's output goes."""
    return settings.logs / f"{part}.log"
