# syntax=docker/dockerfile:1
# One image, one binary, no secrets. It migrates nothing by itself: `docker run … migrate` does, when you say so.

FROM node:22-bookworm-slim AS assets
WORKDIR /build
COPY scripts/lib.bash scripts/graphiql scripts/
COPY assets/src assets/src
RUN ./scripts/graphiql

FROM rust:1.95-bookworm AS builder
WORKDIR /build
COPY . .
# the caches live outside the layers, so the binary is copied out of them in the same step
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --profile dist --locked --package quorate --bin quorate \
    && install -D --mode=0755 target/dist/quorate /out/quorate

FROM debian:bookworm-slim
# certificates: to fetch the signing keys of an identity provider, and to reach a database over TLS
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/quorate --create-home \
        --shell /usr/sbin/nologin quorate
COPY --from=builder /out/quorate /usr/local/bin/quorate
COPY --from=assets /build/assets/graphiql /var/lib/quorate/assets/graphiql
# the working folder is the one place the program may write, and only an embedded database needs that
WORKDIR /var/lib/quorate
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["/usr/local/bin/quorate", "doctor", "--health", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["/usr/local/bin/quorate"]
CMD ["serve"]
