# The tool itself as an image, on a base that the tool made. `node scripts/pack.ts --build` fills dist/, makes the base from
# containers/toolchain.yaml and builds this. Nothing is run and nothing is downloaded here: all that goes in was locked before.
ARG BASE=twinbuild/toolchain
FROM ${BASE}

COPY dist/ /
ENV PATH=/opt/twinbuild/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    TWINBUILD_HOME=/var/cache/twinbuild
LABEL org.opencontainers.image.title=twinbuild \
    org.opencontainers.image.licenses=Apache-2.0
WORKDIR /opt/twinbuild
ENTRYPOINT ["twinbuild"]
CMD ["--help"]
