//! Help texts: `-h` of `run` lists the common options, `--help` lists all of them.

use clap::Command;

/// The heading of the options that `-h` shows.
pub(super) const COMMON: &str = "Common options";

/// The command line with the less common options of `run` hidden. Parsing does not change.
pub(super) fn short(command: Command) -> Command {
    command.mut_subcommand("run", |run| run.mut_subcommand("server", brief).mut_subcommand("client", brief))
}

fn brief(command: Command) -> Command {
    let brief = command.mut_args(|arg| {
        let shown = arg.is_positional() || arg.get_help_heading() == Some(COMMON);
        arg.hide(!shown)
    });
    brief.after_help("`--help` lists all options, with examples.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Cli;
    use clap::CommandFactory;

    fn help_of(command: Command) -> String {
        let error = command.term_width(100).try_get_matches_from(["wsgauntlet", "run", "server", "--help"]);
        error.expect_err("the help").to_string()
    }

    /// Fails when a help text grows beyond one line, or when a common option comes after the others.
    #[test]
    fn the_help_of_run_server_fits_a_screen() {
        let all = help_of(Cli::command());
        assert!(all.lines().count() < 75, "{} lines\n{all}", all.lines().count());
        let headings: Vec<&str> =
            all.lines().filter(|line| line.ends_with(':') && !line.starts_with(' ')).collect();
        assert_eq!(headings[..3], ["Arguments:", "Options:", "Common options:"], "{all}");
        let common = all.split("Common options:").nth(1).and_then(|rest| rest.split("\n\n").next());
        let common = common.unwrap_or_default().lines().filter(|line| line.contains("--")).count();
        assert!((8..=12).contains(&common), "{common} common options\n{all}");
    }

    /// Fails when `-h` shows an option that is not common, or when hiding one changes what is parsed.
    #[test]
    fn the_short_help_shows_common_options_only() {
        let brief = help_of(short(Cli::command()));
        assert!(brief.lines().count() < 30, "{brief}");
        assert!(brief.contains("--launch") && !brief.contains("--crash-sign"), "{brief}");
        let words = ["wsgauntlet", "run", "server", "--crash-sign", "x"];
        assert!(short(Cli::command()).try_get_matches_from(words).is_ok());
    }
}
