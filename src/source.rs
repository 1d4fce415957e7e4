//! Reading the values that the configuration only points to.
