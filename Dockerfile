FROM node:22-bookworm-slim AS assets
WORKDIR /build
COPY assets/src assets/src
COPY scripts/graphiql scripts/lib.sh scripts/
RUN ./scripts/graphiql

# its C compiler is all that the C libraries (aws-lc, SQLite) need
FROM rust:1.95-bookworm AS binary
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY src src
COPY entity entity
COPY migration migration
# the chairs' page is part of the program
COPY assets/chair assets/chair
# the manifest names the test target, so its file must exist
RUN mkdir -p tests/it && touch tests/it/main.rs
RUN cargo build --profile dist --locked --bin quorate

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 quorate \
 && useradd --uid 10001 --gid quorate --no-create-home --shell /usr/sbin/nologin quorate
COPY --from=binary /build/target/dist/quorate /usr/local/bin/quorate
# where the program looks for it
COPY --from=assets /build/assets/graphiql /usr/local/share/quorate/graphiql
# quorate.toml is looked for here, and `demo` writes its files here
WORKDIR /srv/quorate
RUN chown 10001:10001 .
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/usr/local/bin/quorate", "doctor", "--health", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["/usr/local/bin/quorate"]
CMD ["serve"]
