//! The program `dengji`: hands its arguments to `dengji::cli`.

fn main() -> std::process::ExitCode {
    dengji::cli::main()
}
