//! The cargo commands that build and run the tests, given what the caller adds to them.

#[cfg(test)]
mod tests;

/// What the caller wrote after `--`, split where the arguments of the test programs begin.
#[derive(Debug)]
pub(super) struct CargoArguments<'a> {
    for_cargo: &'a [String],
    for_programs: &'a [String],
    /// Tests that do not run, by parts of their names.
    left_out: &'static [&'static str],
}

impl<'a> CargoArguments<'a> {
    pub(super) fn new(added: &'a [String]) -> Self {
        let split = added
            .iter()
            .position(|word| word == "--")
            .unwrap_or(added.len());
        let (for_cargo, for_programs) = added.split_at(split);
        Self {
            for_cargo,
            for_programs,
            left_out: &[],
        }
    }

    /// Without the tests whose names contain one of these.
    pub(super) fn leaving_out(mut self, names: &'static [&'static str]) -> Self {
        self.left_out = names;
        self
    }

    /// Builds without running, so that the time of both is known; `None` for doc tests alone, which cargo cannot build
    /// beforehand.
    pub(super) fn build(&self) -> Option<Vec<String>> {
        if self.has(&["--doc", "--no-run"]) {
            return None;
        }
        Some(self.command(&["--no-run"]))
    }

    /// Runs the tests, all of them also when some fail.
    pub(super) fn test(&self) -> Vec<String> {
        let own: &[&str] = if self.has(&["--no-fail-fast"]) {
            &[]
        } else {
            &["--no-fail-fast"]
        };
        let mut words = self.command(own);
        words.extend_from_slice(self.for_programs);
        if self.for_programs.is_empty() && !self.left_out.is_empty() {
            words.push("--".to_owned());
        }
        let left_out = self.left_out.iter();
        words.extend(left_out.flat_map(|name| ["--skip".to_owned(), (*name).to_owned()]));
        words
    }

    fn command(&self, own: &[&str]) -> Vec<String> {
        let mut words = vec!["test".to_owned()];
        if !self.selects_packages() {
            words.push("--workspace".to_owned());
        }
        words.extend(own.iter().map(|word| (*word).to_owned()));
        words.extend_from_slice(self.for_cargo);
        words
    }

    /// Whether the caller says which packages are meant: `--workspace` would be in the way of that.
    fn selects_packages(&self) -> bool {
        let selects = |word: &String| {
            let long = word == "--package" || word.starts_with("--package=");
            long || word == "--workspace"
                || word == "--all"
                || (word.starts_with("-p") && !word.starts_with("--"))
        };
        self.for_cargo.iter().any(selects)
    }

    fn has(&self, options: &[&str]) -> bool {
        self.for_cargo
            .iter()
            .any(|word| options.contains(&word.as_str()))
    }
}
