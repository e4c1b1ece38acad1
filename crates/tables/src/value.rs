//! The engine's function that turns a column of a file into its physical form.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use tabular::parse::MissingMarkers;
use tabular::{ColumnType, Field};

/// `tier0_value_<type>(column)`: text by the rules of [`tabular::parse`], everything else by a cast.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Value {
    name: String,
    field: Field,
    markers: Vec<String>,
    signature: Signature,
}

/// The expression of a column's values.
pub(crate) fn value(of: Expr, field: &Field, markers: &MissingMarkers) -> Expr {
    let function = Value {
        name: format!("tier0_value_{}", field.column_type),
        field: field.clone(),
        markers: markers.as_slice().to_vec(),
        signature: Signature::any(1, Volatility::Immutable),
    };
    ScalarUDF::from(function).call(vec![of])
}

impl ScalarUDFImpl for Value {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(if self.field.column_type == ColumnType::Text {
            DataType::Utf8
        } else {
            DataType::Float64
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let markers = MissingMarkers::only(&self.markers);
        let arrays = ColumnarValue::values_to_arrays(&arguments.args)?;
        let Some(array) = arrays.first() else {
            return Err(DataFusionError::Internal(format!("{} takes a column", self.name)));
        };
        let values = dataset::canonical(array, &self.field, &markers)
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        Ok(ColumnarValue::Array(Arc::clone(&values)))
    }
}
