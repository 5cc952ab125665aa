# syntax of docker, podman and buildah alike; `make images` builds it (images/README.md).
# GATEWAY_IMAGE: the gateway's, on whose layers this one stands: the same code, and what reads documents.
ARG GATEWAY_IMAGE=localhost/groundwork/gateway

FROM ${GATEWAY_IMAGE}
LABEL org.opencontainers.image.title="worker" \
      org.opencontainers.image.description="Ingest worker with the parsers of documents"
USER 0:0
RUN --mount=type=bind,from=installer,target=/installer --mount=type=cache,target=/cache \
    --mount=type=bind,source=images/install.sh,target=/install.sh \
    --mount=type=bind,source=constraints.txt,target=/constraints.txt \
    IMPORTS=kreuzberg sh /install.sh --constraint /constraints.txt --no-deps kreuzberg
USER 10001:10001
CMD ["python", "-m", "rag_gateway.worker"]
