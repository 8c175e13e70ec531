FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
COPY . .
# Nothing but what the two files name, to the byte; `make requirements` writes them.
RUN python -m venv /build \
    && /build/bin/pip install --require-hashes --only-binary=:all: -r requirements-build.txt \
    && /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python -m venv /venv \
    && /venv/bin/pip install --require-hashes --only-binary=:all: -r requirements.txt \
    && /venv/bin/pip install --no-deps --no-index /wheels/*.whl

FROM python:3.12-slim-bookworm
# Fixed numbers, so that volumes keep their owner and Kubernetes can tell that this is not root. A
# fresh volume takes over the owner of the folder it is mounted on.
RUN groupadd --gid 10001 kindred \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp kindred \
    && install --directory --owner=kindred --group=kindred /cache /index
COPY --from=build /venv /venv
# KINDRED_INDEX stays unset, because a folder and a server at once is an error; the per-user data
# folder is on the volume instead. The home is the one place that is writable under --read-only.
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    XDG_DATA_HOME=/index \
    KINDRED_CACHE=/cache \
    KINDRED_HOST=0.0.0.0 \
    KINDRED_PUBLIC="in a container, where whoever publishes its port decides who can reach it"
USER 10001:10001
# Where one's own ratings are mounted.
WORKDIR /data
EXPOSE 8501
# The app asks its index a real question. Streamlit answers 200 on every path, so the body decides,
# too. http.client heeds no proxy, and starts in a tenth of a second, where `kindred` takes two.
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8501, timeout=5); c.request('GET', '/health'); a = c.getresponse(); told = a.read().decode(); print(told[:500]); sys.exit(a.status != 200 or not told.startswith('{\"status\"'))"]
ENTRYPOINT ["kindred"]
CMD ["ui", "--no-browser"]
