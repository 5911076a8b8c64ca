# The service's image: the web app, then the wheel, then only what runs. docker-compose.yml builds and starts it.

FROM node:22-bookworm-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
COPY src/facility_monitor/catalogue/basis.zh-CN.json ../src/facility_monitor/catalogue/
RUN npm run build

FROM python:3.13-slim-bookworm AS wheel
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements/run.txt requirements/build.txt requirements/
RUN python -m venv /opt/facility-monitor \
    && /opt/facility-monitor/bin/pip install --require-hashes --requirement requirements/run.txt \
    && python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --requirement requirements/build.txt
COPY pyproject.toml hatch_build.py LICENSE README.md mosquitto.conf mosquitto.acl ./
COPY migrations migrations
COPY simulators simulators
COPY src src
COPY --from=web /build/src/facility_monitor/web/dist src/facility_monitor/web/dist
RUN /opt/build/bin/pip wheel --no-index --no-deps --no-build-isolation --wheel-dir wheels . \
    && /opt/facility-monitor/bin/pip install --no-index --no-deps wheels/*.whl

FROM python:3.13-slim-bookworm
# /mosquitto/accounts belongs to the broker image's user: a new volume that is mounted there takes over its owner.
RUN groupadd --system --gid 10001 facility-monitor \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin facility-monitor \
    && install -d -o 10001 -g 10001 /var/lib/facility-monitor \
    && install -d -o 1883 -g 1883 -m 0700 /mosquitto/accounts
COPY --from=wheel /opt/facility-monitor /opt/facility-monitor
ENV PATH=/opt/facility-monitor/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FM_DATA_DIR=/var/lib/facility-monitor \
    FM_HTTP=0.0.0.0:8000
WORKDIR /var/lib/facility-monitor
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["facility-monitor"]
CMD ["run"]
