# Callforge with its deployments: a worker, or any command of its own. vLLM has an image of its own.
#   docker build -t callforge .
FROM python:3.12-slim

# The strongest tier of the sandbox needs bubblewrap; without user namespaces in the container, the
# next one is taken, which needs nothing.
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home callforge

WORKDIR /callforge
COPY pyproject.toml constraints.txt README.md LICENSE prefect.yaml prefect.toml ./
COPY api_registry api_registry
COPY data data
COPY generators generators
COPY verifiers verifiers
COPY flows flows
COPY examples examples
RUN pip install --no-cache-dir -c constraints.txt -e '.[dask,s3]' \
    && mkdir runs .callforge && chown callforge runs .callforge

USER callforge
ENV DO_NOT_TRACK=1 PREFECT_SERVER_ANALYTICS_ENABLED=false
VOLUME /callforge/runs
CMD ["callforge", "--help"]
