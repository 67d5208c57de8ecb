# Daily commands; `just` lists them.

[private]
default:
    @just --list

# The program with the sample register, at http://127.0.0.1:8080
demo:
    cargo run -- demo

# Every test, on both databases
test *arguments:
    tests/run {{arguments}}

# Everything that must hold before a change goes in
ci:
    .ci/run

# Format, and mend what clippy can mend
fix:
    cargo clippy --all-targets --fix --allow-dirty --allow-staged
    cargo fmt --all
