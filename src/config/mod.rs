//! The YAML shape, its positions and problems, and noticing that it changed.
