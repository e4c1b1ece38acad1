//! Taking a message apart: what it may lack or leave open is refused once, and has no place in what comes of it.

use crate::validate::checks::{self, Choice};
use crate::{ContractError, FieldError, FieldPath};

/// The checked form of a message `M`.
pub(crate) trait Parse<M>: Sized {
    /// Takes the message apart, which stands at `at` in a larger one.
    ///
    /// # Errors
    /// [`ContractError::Field`] for the first field that is missing, unspecified or unknown.
    fn parse(message: &M, at: &FieldPath<'_>) -> Result<Self, ContractError>;
}

/// A message in which nothing can be absent or unspecified is its own checked form.
impl<M: Clone> Parse<M> for M {
    fn parse(message: &M, _: &FieldPath<'_>) -> Result<Self, ContractError> {
        Ok(message.clone())
    }
}

/// A part that has to be there.
pub(crate) fn required<M, T: Parse<M>>(
    at: &FieldPath<'_>,
    message: Option<&M>,
    expected: &'static str,
) -> Result<T, ContractError> {
    T::parse(message.ok_or_else(|| at.refuse(FieldError::Missing { expected }))?, at)
}

/// Parses every element; an error names the first one that breaks the contract.
pub(crate) fn each<M, T: Parse<M>>(
    at: &FieldPath<'_>,
    messages: &[M],
) -> Result<Vec<T>, ContractError> {
    messages.iter().enumerate().map(|(place, of)| T::parse(of, &at.index(place))).collect()
}

/// The messages of every element: the way back of [`each`].
pub(crate) fn messages<T: Into<M>, M>(elements: Vec<T>) -> Vec<M> {
    elements.into_iter().map(Into::into).collect()
}

/// What an enumeration of the wire says, where it says something.
pub(crate) fn optional<C: Choice + Into<Option<T>>, T>(
    at: &FieldPath<'_>,
    number: i32,
) -> Result<Option<T>, ContractError> {
    Ok(checks::optional_choice::<C>(at, number)?.into())
}

/// What an enumeration of the wire says, which has to say something.
pub(crate) fn chosen<C: Choice + Into<Option<T>>, T>(
    at: &FieldPath<'_>,
    number: i32,
) -> Result<T, ContractError> {
    optional::<C, T>(at, number)?
        .ok_or_else(|| at.refuse(FieldError::Unspecified { known: C::known() }))
}

/// An enumeration of the wire that has no form of its own here: none where it is unspecified.
pub(crate) fn specified<C: Choice>(
    at: &FieldPath<'_>,
    number: i32,
) -> Result<Option<C>, ContractError> {
    let choice: C = checks::optional_choice(at, number)?;
    Ok((choice != C::UNSPECIFIED).then_some(choice))
}

/// Both ways between a checked struct and its message: the fields that both have alike, and the others one by one.
macro_rules! forms {
    (
        $typed:ident { $($same:ident),* $(,)? }
        parse($message:ident, $at:ident) { $($field:ident: $parsed:expr),* $(,)? }
        back($value:ident) { $($wire:ident: $back:expr),* $(,)? }
    ) => {
        impl $crate::stages::Parse<$crate::v1::$typed> for $typed {
            fn parse(
                $message: &$crate::v1::$typed,
                $at: &$crate::FieldPath<'_>,
            ) -> Result<Self, $crate::ContractError> {
                Ok(Self { $($same: $message.$same.clone(),)* $($field: $parsed,)* })
            }
        }

        impl From<$typed> for $crate::v1::$typed {
            fn from($value: $typed) -> Self {
                Self { $($same: $value.$same,)* $($wire: $back,)* }
            }
        }

        impl TryFrom<$crate::v1::$typed> for $typed {
            type Error = $crate::ContractError;

            fn try_from(message: $crate::v1::$typed) -> Result<Self, Self::Error> {
                <Self as $crate::stages::Parse<_>>::parse(&message, &$crate::FieldPath::ROOT)
            }
        }

        impl $typed {
            /// The message, as it travels.
            #[must_use]
            pub fn to_message(&self) -> $crate::v1::$typed {
                self.clone().into()
            }
        }
    };
}
pub(super) use forms;
