//! The other forms.
