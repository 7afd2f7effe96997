# The HTTP service with its weights: slim, without root, on a file system that may be read-only.
#
#   docker build --tag background-remover .
#   docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges --publish 127.0.0.1:7000:7000 background-remover

FROM python:3.12-slim AS build
ARG EXTRAS=serve
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN python -m venv /opt/background-remover \
    && /opt/background-remover/bin/pip install --no-cache-dir ".[${EXTRAS}]" \
    && /opt/background-remover/bin/python -m compileall -q /opt/background-remover

FROM python:3.12-slim
LABEL org.opencontainers.image.title="background-remover" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/background-remover /opt/background-remover
ENV PATH="/opt/background-remover/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 65532:65532
WORKDIR /
EXPOSE 7000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7000/health', timeout=4)"]
ENTRYPOINT ["background-remover", "serve", "--host", "0.0.0.0"]
