# One static binary, run by a user without rights, with its state in /data.
#
#   docker build -t writ .
#   docker run --rm --network host writ            # sandbox credentials work on a loopback address only
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /writ ./cmd/writ && mkdir /data

FROM scratch
# Roots of trust, for databases and trace collectors with TLS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /writ /usr/local/bin/writ
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
ENV WRIT_DATA=/data
VOLUME /data
EXPOSE 4566
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s CMD ["/usr/local/bin/writ", "health"]
ENTRYPOINT ["/usr/local/bin/writ"]
CMD ["serve"]
