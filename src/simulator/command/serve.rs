//! `serve`: a world that stays until Ctrl-C.

use std::process::ExitCode;

use super::environment::{accounts, variables};
use super::{DONE, Error, Serve, runtime};

pub(crate) fn serve(options: &Serve) -> Result<ExitCode, Error> {
    let simulator = options.start()?;
    let accounts = accounts(&simulator);
    println!("{}", simulator.summary());
    println!("Keys");
    for account in &accounts {
        println!(
            "  {}  {:<24}  {}  {}",
            account.key.account, account.name, account.key.id, account.key.secret
        );
    }
    println!(
        "\nListening at {}. To use it, in another shell:",
        simulator.endpoint()
    );
    for (name, value) in variables(&simulator, &accounts) {
        println!("  export {name}={value}");
    }
    println!("Ctrl-C ends it.");
    runtime()?.block_on(tokio::signal::ctrl_c())?;
    DONE
}
