# One image for all programs; docker-compose.yml says which one a container runs.
ARG PYTHON_IMAGE=python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea

FROM ${PYTHON_IMAGE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-deps --require-hashes -r /tmp/requirements.txt

FROM ${PYTHON_IMAGE}
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp
RUN useradd --uid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin sender \
    && install -d -m 700 -o sender -g sender /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Compile now: at run time the file system is read-only.
RUN python -m compileall -q .
USER sender
# The API and the sandbox; docker-compose.yml decides what is published.
EXPOSE 5000 8080
HEALTHCHECK --interval=15s --timeout=10s --start-period=40s --retries=3 CMD ["python", "-m", "core.health", "worker"]
CMD ["python", "-m", "workers"]
