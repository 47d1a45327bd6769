FROM node:22-bookworm-slim AS assets
WORKDIR /build
COPY assets/src assets/src
COPY scripts/graphiql scripts/lib.sh scripts/
RUN ./scripts/graphiql

FROM rust:1.95-bookworm AS binary
# aws-lc is C
RUN apt-get update && apt-get install -y --no-install-recommends cmake clang && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY entity entity
COPY migration migration
# the manifest names the test target, so its file must exist
RUN mkdir -p tests/it && touch tests/it/main.rs
RUN cargo build --profile dist --locked --bin quorate

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin quorate
WORKDIR /srv/quorate
COPY --from=binary /build/target/dist/quorate /usr/local/bin/quorate
COPY --from=assets /build/assets/graphiql assets/graphiql
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/usr/local/bin/quorate", "doctor", "--health", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["/usr/local/bin/quorate"]
CMD ["serve"]
