#!/bin/bash
# Fuzzes the decoder: fuzz.sh [SECONDS]. Builds DNS, LDNS and the entry with the sanitizers into
# .build-fuzz, keeps the corpus there, and exits with libFuzzer's status; a crash leaves its input there.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
build=.build-fuzz
corpus=$build/corpus
mkdir -p "$corpus"

# The three modules are compiled one after the other, since SwiftPM cannot link an executable without main.
compile() {
    local module=$1
    shift
    swiftc -sanitize=fuzzer,address -O -g -enforce-exclusivity=checked -parse-as-library \
        -package-name propaga -swift-version 6 -I "$build" -I Sources/CLDNS -I Sources/CIDN2 \
        -whole-module-optimization -module-name "$module" "$@"
}
compile DNS -emit-module -emit-module-path "$build/DNS.swiftmodule" -c -o "$build/DNS.o" Sources/DNS/*.swift
compile LDNS -emit-module -emit-module-path "$build/LDNS.swiftmodule" -c -o "$build/LDNS.o" \
    Sources/LDNS/*.swift
compile Fuzz -o "$build/fuzz" Benchmarks/Fuzz/Fuzz.swift "$build/DNS.o" "$build/LDNS.o"

# A seed for each kind of record and option, so that the fuzzer need not find out what a message is.
seed() {
    local file=$1
    shift
    (IFS=; printf '%b' "${*// /\\x}") >"$corpus/$file"
}
question=' 07 65 78 61 6d 70 6c 65 02 69 74 00 00 0f 00 01'
header=' 2b 67 81 80 00 01'
seed mx "$header 00 02 00 00 00 00$question" \
    ' c0 0c 00 0f 00 01 00 00 01 2c 00 07 00 0a 02 6d 78 c0 0c' \
    ' c0 0c 00 0f 00 01 00 00 01 2c 00 08 00 14 03 6d 78 32 c0 0c'
seed soa "$header 00 00 00 01 00 00$question" \
    ' c0 0c 00 06 00 01 00 00 03 84 00 1b 02 6e 73 c0 0c c0 0c 78 c4 5e 11' \
    ' 00 00 1c 20 00 00 0e 10 00 12 75 00 00 00 03 84'
seed ns "$header 00 00 00 01 00 02$question" \
    ' c0 0c 00 02 00 01 00 00 0e 10 00 05 02 6e 73 c0 0c' \
    ' c0 28 00 01 00 01 00 00 0e 10 00 04 c0 00 02 01' \
    ' c0 28 00 1c 00 01 00 00 0e 10 00 10 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01'
seed cname "$header 00 02 00 00 00 00$question" \
    ' c0 0c 00 05 00 01 00 00 00 3c 00 04 01 61 c0 14' \
    ' c0 28 00 10 00 01 00 00 00 3c 00 07 02 61 62 00 02 63 64'
seed tlsa "$header 00 01 00 00 00 00$question c0 0c 00 34 00 01 00 00 00 3c 00 07 03 01 01 de ad be ef"
seed opt "$header 00 00 00 00 00 01$question" \
    ' 00 00 29 04 d0 00 00 00 00 00 11 00 03 00 02 61 62 00 0f 00 07 00 03 73 74 61 6c 65'
seed other "$header 00 01 00 00 00 00$question c0 0c ff 00 00 03 80 00 00 00 00 02 de ad"
seed bare ' 2b 67 81 81 00 00 00 00 00 00 00 00'

# Symbolizing a crash takes minutes here; without it a crash is reported at once, and its input kept.
export ASAN_OPTIONS=${ASAN_OPTIONS:-symbolize=0:detect_leaks=1}
exec "$build/fuzz" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
    -artifact_prefix="$build/" -print_final_stats=1 "$corpus"
