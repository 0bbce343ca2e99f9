# One image for everything: `aims serve`, `aims worker`, `aims migrate`, `aims bootstrap` and the other commands.
FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements.lock ./
# The lock checks each download by its hash; from then on nothing comes from anywhere else.
RUN pip download --quiet --require-hashes --no-deps --requirement requirements.lock --dest /wheels
COPY pyproject.toml README.md ./
COPY aims aims
COPY activities activities
COPY adapters adapters
COPY api api
COPY cli cli
COPY workers workers
COPY workflows workflows
COPY policies policies
# Editable, as in a checkout: SQL, templates and policies stay beside the code. Only what runs is installed.
RUN export PIP_FIND_LINKS=/wheels \
    && python -m venv /opt/aims \
    && /opt/aims/bin/pip install --quiet --no-index --upgrade setuptools \
    && /opt/aims/bin/pip install --quiet --no-index --no-build-isolation --editable . \
    && python -m compileall -q /app

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin aims \
    && install --directory --owner=aims --group=aims --mode=0700 /var/lib/aims/evidence /var/lib/aims/checkpoints
COPY --from=build /opt/aims /opt/aims
COPY --from=build /app /app
ENV PATH=/opt/aims/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001
EXPOSE 8042
CMD ["aims", "serve"]
