/**
 * preinst scripts that do nothing on a fresh system, by the sha256 of the script; each was read, and the words say for which package and why.
 * Scripts that hold only what debhelper generates are recognised without a row here. `scripts/preinsts.ts` lists what a set of packages
 * has beyond both: those run for real.
 */
export const KNOWN_PREINSTS: Readonly<Record<string, string>> = {
  '7f6b6affc5b83a6bbe3c620457d13a96671b8482b9389ebfc393548dff92dff5': 'adduser 3.134: acts on upgrade only',
  '689a194bb2f3dff7aba6aa2a03e0cf0ac9027f7ed5ea4ec8fee48bc61ad321b3': 'automake 1:1.16.5-1.3: acts on upgrade only',
  '528fc10302dfdcb0a75daefcc14619a59263cad8631a3843e93951f673e39175':
    'bison 2:3.8.2+dfsg-1+b1: removes a leftover manual page of versions long gone',
  '3658511012abac4086bc1237ee34e4475112e1373b9b8a39de4b3aea36a07e65':
    'bsdextrautils 2.38.1-5+deb12u3: removes the alternative write of older versions, which a fresh system does not have',
  '1b1cd5999f446031ec63961b1a24425887ba4f10b4dc12c59f6486a88b401523':
    'ca-certificates-java 20230710~deb12u1: acts only when an old version is given',
  a62a31ccdf914b4371e3e427e8d47fdf50ec561a15841b777f5ca17358e64e4f: 'docbook-xml 4.5-12: acts on upgrade only',
  d8a1b33c3afc04c289d5bf8683675ab01c3ad753ab7cc90bf479263ade7ea05d:
    'docbook-xsl 1.79.2+dfsg-2: removes a folder of older versions, which a fresh system does not have',
  '0ac4873d936cbf6ea2c958b686aa5097f82306e1bd50fa6eff1b95337664dac1': 'e2fsprogs 1.47.0-2+b2: acts on upgrade only',
  fec68d0054a650cb8541944a94c6805f286dc89b3300addd6c2e3652c2254491: 'emacsen-common 3.0.5: removes a state file of an earlier installation',
  '9b401c98e7c128284830e0e52cf9ab29a4d96596ccbf138142700536ba8907b0': 'ghc 9.0.2-4: acts only when an old version is given',
  '03af505958d20d793e10884d5d62fbd46f73f6e27d0867f6ca489e340e3bf9bd': 'git 1:2.39.5-0+deb12u3: acts on upgrade only',
  '51372a89fff3d9f73d59d0d99e753439011acf8aba39a8d5fb3919f66b2aa5e6': 'golang-go 2:1.19~1: acts on upgrade only',
  '78fb32517d1bda52afe6fa3eb14321ddb0fd4aedca8d7f9894721581ff2f5d54': 'initramfs-tools 0.142+deb12u3: acts on upgrade only',
  a76cb84cb509f595ab5a050ede9511e6e4ec4f9ed914950cf473edaf2106cde0: 'libblas3 3.11.0-2: acts on upgrade only',
  '77692462251006a8b8161b442c5b0b75b9580d70fd3d85c066a5c9a412c1ce9b':
    'libc6 2.36-9+deb12u14: checks LD_LIBRARY_PATH and the kernel, makes /lib64 a link where it is missing, which the base layer has; registers debconf templates, as its postinst does again; the rest acts on upgrade only',
  '214ad3d6f7925f23e7b1280d181aa9a402b0a58fb0e443e0e2c91c3957d9e6ae': 'liblapack3 3.11.0-2: acts on upgrade only',
  b9de34cc46506e3fe7455df70ea15b59ab6d10d26d045593fd0ef1eab455797a:
    'libmono-security4.0-cil 6.8.0.105+dfsg-3.3+deb12u1: moves a folder of older versions, which a fresh system does not have',
  '20f9878dafbf23f2422622e268d25393f1514ad1745b45a82de400e25a196ce3': 'libxml-sax-perl 1.02+dfsg-3: acts only when an old version is given',
  bdabd87b4becccd745f526a140018bdfd67721f64b9b0ecb129ec506eaed46e8:
    'llvm 1:14.0-55.7~deb12u1: removes a link of older versions, which a fresh system does not have',
  f90cd7a603b05b290c905785209dc9e6a4d63664256d27638ebc2c24cc9b45fd: 'openjdk-17-jdk-headless 17.0.21.1+2-1~deb12u1: acts on upgrade only',
  f520e835047e0eeccbe8f38b67d1536febe577a6a600bb43bc6c1733abf43382: 'php8.2-common 8.2.36-1~deb12u1: acts on upgrade only',
  c40cbddbfefcdb9a66221071842a2483416391586954987de31b155d154de536: 'php8.2-opcache 8.2.36-1~deb12u1: acts on upgrade only',
  a6a3531012298a6e9638785757588b149522fdfebdac6f569114531f319e7f03: 'php8.2-readline 8.2.36-1~deb12u1: acts on upgrade only',
  '708006ab7b98c5d80c5be288c3debbdd3049334d67bf8126d249d317dee777a6': 'pkg-config 1.8.1-1: acts on upgrade only',
  fed139681623d4dea19739f66b66e02af744c131aa76e07c0571dc5696927580: 'pkgconf 1.8.1-1: acts on upgrade only',
  '5ef8d9e6e33c1034202a2fdde074f425513255441677b87693dee1ea91d8472a':
    'python3 3.11.2-1+b1: sets an alternative to automatic that a fresh system does not have, removes a folder of older versions',
  '878d4b0d58cf0da5252f06f58dbbbe33272ab034d23a081d67fcece5c56deaa4': 'python3-docutils 0.19+dfsg-6: acts on upgrade only',
  '2b19a8b8def519ccbd664e02274a63f82751467bebcd8163c8da30e64d937bcd': 'python3-sphinx 5.3.0-4: acts on upgrade only',
  '7e1941a2546aa8afb8b6865456b749b014d38ab09ed43a608ee0f6a0a882148d':
    'ruby 1:3.1: removes alternatives of older versions, which a fresh system does not have',
  '7f0759116054e8c92903dc2a0f1f72025be3fba8946fd4949ddd6517060a3c04': 'sudo 1.9.13p3-1+deb12u4: acts only when an old version is given',
  '3d05a29287012288fd9401e136164e252086b04890f7d877223b4c3a07228fc4': 'systemd 252.39-1~deb12u2: acts on upgrade only',
  '56ebebad92ee8e3ebd57eeddae0d8abb77dee19d409d03b1d835fdbfef3beccf': 'tcl 8.6.13: removes alternatives of versions before 8.6.0+2 only',
  e27c90f0a5ff2e8655ce70e24d734c01ba48f013f3ad84bbdf5464550744f9af:
    'tex-common 6.18: removes files of older versions, which a fresh system does not have',
  b1955c8d57e058995cf7d9e57fe52991cf60e65f028eed334980315944ee684c:
    'texlive-binaries 2022.20220321.62855-5.1+deb12u2: removes files of older versions, which a fresh system does not have',
  b0f60a85a66c50243e5347faf7f0d8fae89bb5c53d028da25f3572beb3ee5809:
    'ucf 3.0043+nmu1+deb12u1: keeps copies of the state of an earlier installation, which a fresh system does not have',
  '47a56941ebe370c101b000eca9eab6c745bcf47a270cd0f595069c1d2f6f8065':
    'usrmerge 37~deb12u1: refuses a separate /usr without an initramfs: a container has no separate /usr',
  '53e6189987b96ae3769a052aff8f04a889110393a9e74e2c37bc8fc524b9620f': 'xml-core 0.18+nmu1: moves a catalog of versions long gone away',
};
