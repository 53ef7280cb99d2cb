# The image: Node, the C library it needs, the program, and nothing else. No shell, no package manager, no compiler.
#   docker build -t s3-helper .
#   docker build -t s3-helper --build-arg OMIT="peer optional" .    # without New Relic's agent and the other optional packages
#
# The base is pinned by version. To pin it by digest too, which a version alone does not promise, ask for it once
# (docker buildx imagetools inspect node:26.10.0-bookworm) and write FROM node:26.10.0-bookworm@sha256:… below.

FROM node:26.10.0-bookworm AS dependencies
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# No package may run a script of its own: none of those that the program needs has to.
RUN npm ci --ignore-scripts --no-audit --no-fund


# An S3 for docker-compose.yml's profile `s3`; no part of the image.
FROM dependencies AS s3
COPY src ./src
COPY test/servers/serve-clip.ts ./test/servers/
COPY test/fixtures/media/clip.mp4 ./test/fixtures/media/
USER 65532:65532
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s \
    CMD ["node", "-e", "fetch('http://127.0.0.1:9000/').then(() => process.exit(0), () => process.exit(1))"]
CMD ["node", "test/servers/serve-clip.ts"]


FROM dependencies AS build
COPY . .
# What npm would publish is what the image holds.
RUN npm run build && npm pack --ignore-scripts --pack-destination /tmp && mkdir -p /image/app \
    && tar --extract --gzip --file /tmp/s3-helper-*.tgz --strip-components 1 --directory /image/app
ARG OMIT="peer"
RUN npm pkg delete devDependencies \
    && npm prune --ignore-scripts --no-audit --no-fund $(printf -- '--omit=%s ' $OMIT) \
    && npm sbom --sbom-format cyclonedx --sbom-type application > /image/app/sbom.cdx.json \
    && find node_modules -type f '(' -name '*.d.[cm]ts' -o -name '*.d.ts' -o -name '*.map' ')' -delete \
    && find node_modules -depth -type d -empty -delete \
    && mv node_modules /image/app/
# Node without its symbol table, the libraries that it names, and who is who.
RUN install -D --strip --mode 0755 "$(command -v node)" /image/usr/local/bin/node \
    && ldd "$(command -v node)" | grep --only-matching '/[^ ]*\.so[^ ]*' | xargs cp --dereference --parents --target-directory /image \
    && mkdir -p /image/etc \
    && echo 's3-helper:x:65532:65532:s3-helper:/home/s3-helper:/nonexistent' > /image/etc/passwd \
    && echo 's3-helper:x:65532:' > /image/etc/group \
    && echo 'hosts: files dns' > /image/etc/nsswitch.conf
# Scanners find Debian's packages where images without a package manager keep them, licences beside.
RUN mkdir -p /image/var/lib/dpkg/status.d \
    && for package in libc6 libgcc-s1 libstdc++6 libatomic1 base-files; do \
         dpkg-query --status "$package" > "/image/var/lib/dpkg/status.d/$package" || exit 1; \
         cp --dereference --parents "/usr/share/doc/$package/copyright" /image; \
       done \
    && cp --dereference --parents /etc/os-release /image \
    && if [ -e /usr/local/LICENSE ]; then install -D --mode 0644 /usr/local/LICENSE /image/usr/local/LICENSE; fi
# What the program may write to, where the root is writable at all.
RUN install --directory --mode 0700 /owned/home/s3-helper \
    && install --directory --mode 0750 /owned/run/s3-helper \
    && install --directory --mode 1777 /owned/tmp


FROM scratch
COPY --from=build /image/ /
COPY --from=build --chown=65532:65532 /owned/ /
LABEL org.opencontainers.image.title="s3-helper" \
      org.opencontainers.image.description="Signs S3 reads for nginx and the VOD packager beside it" \
      org.opencontainers.image.licenses="MIT"
# The health check asks the admin listener; a mounted configuration need not repeat it. Loopback only, like the rest.
ENV PATH=/usr/local/bin NODE_ENV=production S3_HELPER_ADMIN_LISTEN=127.0.0.1:8081
WORKDIR /app
# A number, so that an orchestrator can see that it is not root.
USER 65532:65532
# Stops taking requests, ends those in flight (timeouts.drain, 30 s), exits with 0. `docker stop` waits 10 s unless told.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["/usr/local/bin/node", "/app/dist/main.js", "wait", "--timeout", "2s"]
# The daemon serves the loopback interface only: share the network namespace of the nginx in front (docker-compose.yml).
ENTRYPOINT ["/usr/local/bin/node", "/app/dist/main.js"]
