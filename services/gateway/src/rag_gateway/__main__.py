"""`python -m rag_gateway`: serves the public API."""

import asyncio

from rag_common.health import Drain
from rag_common.logs import setup_logs
from rag_common.server import serve
from rag_common.settings import load_settings
from rag_common.telemetry import setup_telemetry

from rag_gateway.app import create_app
from rag_gateway.settings import GatewaySettings


async def run() -> None:
    """Serves until SIGTERM, then drains."""
    settings = load_settings(GatewaySettings)
    setup_logs("gateway", settings.log_level)
    stop_telemetry = setup_telemetry("gateway", settings.otel_exporter_otlp_endpoint)
    drain = Drain()
    await serve(create_app(settings, drain), settings, drain)
    stop_telemetry()


if __name__ == "__main__":
    asyncio.run(run())
