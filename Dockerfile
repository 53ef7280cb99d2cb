# Builds the program with its own lock file, and ships what runs: no compiler, no tests, no shell in the way of signals.
FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./
RUN npm ci --no-audit --no-fund
COPY src ./src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:26-bookworm-slim
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY test/fixtures/media/clip.mp4 ./test/fixtures/media/clip.mp4
# A number, so that an orchestrator can see that it is not root.
USER 65532:65532
# The daemon serves the loopback interface only: share the network namespace of the nginx in front (docker-compose.yml).
ENTRYPOINT ["node", "/app/dist/main.js"]
