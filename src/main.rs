//! The program `latchkey`.

fn main() -> std::process::ExitCode {
    latchkey::main()
}
