# Andon's service and runner. docs/compose.md says how to run it, and how to put agents' CLIs into it.

# The version of the package `node` in package.json: what the tests ran on.
FROM node:24.21.0-bookworm-slim AS node
WORKDIR /app

FROM node AS packages
COPY package.json package-lock.json .npmrc ./
# No install script is run: the one that matters is that of the package `node`, which would bring a second Node.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/node node_modules/.bin/node

FROM node
LABEL org.opencontainers.image.title="Andon" \
  org.opencontainers.image.description="Watches a pipeline of coding agents, and pulls the cord when it stalls." \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.licenses="Apache-2.0"
# Git makes the runner's work trees.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git \
  && rm -rf /var/lib/apt/lists/* \
  && ln -s /app/bin/andon.mjs /usr/local/bin/andon \
  && install -d -o node -g node -m 700 /data /data/logs /tokens /tokens/read /tokens/report /tokens/alert
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY alerts alerts
COPY docs docs
COPY grafana grafana
COPY prometheus prometheus
COPY src src
ENV NODE_ENV=production \
  HOME=/data \
  ANDON_DATA_DIR=/data \
  ANDON_NO_INSTALL=1
USER node
EXPOSE 8000 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "/app/bin/healthcheck.mjs", "http://127.0.0.1:8000/readyz"]
ENTRYPOINT ["node", "/app/bin/andon.mjs"]
CMD ["service"]
