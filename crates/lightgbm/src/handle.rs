//! Handles of the library with their owners' rules: freed once, never outliving what they read.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::ptr;

use lightgbm3_sys as sys;

use crate::Error;
use crate::lease::Lease;
use crate::model::Rows;

/// Takes what the library wants to log, and drops it: progress is reported by the caller, errors come as results.
unsafe extern "C" fn discard(_message: *const c_char) {}

/// Sends the calling thread's log nowhere; the library keeps the callback per thread.
fn silence() {
    // SAFETY: `discard` is a function that lives for ever and reads nothing from its argument.
    unsafe {
        sys::LGBM_RegisterLogCallback(Some(discard));
    }
}

fn check(call: &'static str, status: c_int) -> Result<(), Error> {
    if status == 0 {
        return Ok(());
    }
    // SAFETY: the library returns a pointer to a NUL-terminated buffer of this thread, which no other call of this
    // thread changes before it has been copied here.
    let message = unsafe {
        let text = sys::LGBM_GetLastError();
        if text.is_null() {
            String::new()
        } else {
            CStr::from_ptr(text).to_string_lossy().into_owned()
        }
    };
    Err(Error::Library { call, message })
}

fn c_string(call: &'static str, text: &str) -> Result<CString, Error> {
    CString::new(text)
        .map_err(|_| Error::Unexpected { call, what: "a text with a NUL byte to read" })
}

fn length(call: &'static str, found: i64) -> Result<usize, Error> {
    usize::try_from(found).map_err(|_| Error::Unexpected { call, what: "a negative length" })
}

/// Rows that LightGBM has binned; freed on drop.
pub(crate) struct Dataset<'lease> {
    raw: sys::DatasetHandle,
    lease: PhantomData<&'lease Lease>,
}

impl<'lease> Dataset<'lease> {
    /// Bins `rows` by `parameters`, or as `reference` was binned.
    pub(crate) fn new(
        _lease: &'lease Lease,
        rows: &Rows<'_>,
        parameters: &str,
        reference: Option<&Dataset<'lease>>,
    ) -> Result<Self, Error> {
        const CALL: &str = "LGBM_DatasetCreateFromMat";
        silence();
        let (height, width) = rows.shape()?;
        let parameters = c_string(CALL, parameters)?;
        let mut raw: sys::DatasetHandle = ptr::null_mut();
        // SAFETY: `values` holds height × width f64 (`shape` checked it) and is only read during the call;
        // `parameters` is NUL-terminated; `reference` is null or a live dataset; `raw` is a valid place for a handle.
        let status = unsafe {
            sys::LGBM_DatasetCreateFromMat(
                rows.values.as_ptr().cast::<c_void>(),
                sys::C_API_DTYPE_FLOAT64 as c_int,
                height,
                width,
                1,
                parameters.as_ptr(),
                reference.map_or(ptr::null_mut(), |dataset| dataset.raw),
                &raw mut raw,
            )
        };
        check(CALL, status)?;
        Self::owned(CALL, raw)?.labelled(rows.labels, rows.weights, height)
    }

    fn owned(call: &'static str, raw: sys::DatasetHandle) -> Result<Self, Error> {
        if raw.is_null() {
            return Err(Error::Unexpected { call, what: "no handle" });
        }
        Ok(Self { raw, lease: PhantomData })
    }

    /// With labels and weights, `height` of each.
    fn labelled(self, labels: &[f64], weights: Option<&[f64]>, height: i32) -> Result<Self, Error> {
        self.set_field(c"label", labels, height)?;
        if let Some(weights) = weights {
            self.set_field(c"weight", weights, height)?;
        }
        Ok(self)
    }

    fn set_field(&self, name: &CStr, values: &[f64], height: i32) -> Result<(), Error> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "LightGBM keeps labels and weights as f32"
        )]
        let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
        // SAFETY: the handle is live; `values` holds `height` f32 (`shape`, or `finish`, checked it) and is copied by the call.
        let status = unsafe {
            sys::LGBM_DatasetSetField(
                self.raw,
                name.as_ptr(),
                values.as_ptr().cast::<c_void>(),
                height,
                sys::C_API_DTYPE_FLOAT32 as c_int,
            )
        };
        check("LGBM_DatasetSetField", status)
    }
}

impl Drop for Dataset<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle came from the library and is freed here only. A failure could not be handled.
        unsafe {
            sys::LGBM_DatasetFree(self.raw);
        }
    }
}

/// Most rows that bounds of bins are found by, LightGBM's own number.
const MAX_SAMPLE: usize = 200_000;
/// Numbers this near to 0 are 0 to LightGBM, which leaves them out of samples.
const ZERO: f64 = 1e-35_f32 as f64;

/// A dataset whose bounds are known and whose rows are still to come.
pub(crate) struct FillingDataset<'lease> {
    dataset: Dataset<'lease>,
    width: i32,
    announced: i32,
    pushed: i32,
}

/// The values of a sample, column by column, without those that are 0.
#[derive(Default)]
struct SampledColumn {
    values: Vec<f64>,
    /// Row of each value within the sample, ascending.
    rows: Vec<c_int>,
}

impl SampledColumn {
    /// Those of every n-th row, so that they are at most [`MAX_SAMPLE`]; and how many rows that is.
    fn of(rows: &Rows<'_>) -> (Vec<Self>, usize) {
        let step = rows.labels.len().div_ceil(MAX_SAMPLE).max(1);
        let mut columns: Vec<Self> =
            std::iter::repeat_with(Self::default).take(rows.width).collect();
        let mut sampled = 0;
        for (place, row) in rows.values.chunks_exact(rows.width).step_by(step).enumerate() {
            for (column, &value) in columns.iter_mut().zip(row) {
                if value.abs() > ZERO || value.is_nan() {
                    column.values.push(value);
                    // At most `MAX_SAMPLE`.
                    column.rows.push(c_int::try_from(place).unwrap_or(c_int::MAX));
                }
            }
            sampled += 1;
        }
        (columns, sampled)
    }
}

impl<'lease> FillingDataset<'lease> {
    /// Room for `announced` rows, in bins whose bounds are those of `sample`.
    pub(crate) fn new(
        _lease: &'lease Lease,
        sample: &Rows<'_>,
        announced: i32,
        parameters: &str,
    ) -> Result<Self, Error> {
        const CALL: &str = "LGBM_DatasetCreateFromSampledColumn";
        const WAIT: &str = "LGBM_DatasetSetWaitForManualFinish";
        silence();
        let (_, width) = sample.shape()?;
        let parameters = c_string(CALL, parameters)?;
        let (mut columns, sampled) = SampledColumn::of(sample);
        // Both are at most `MAX_SAMPLE`.
        let count = |count: usize| c_int::try_from(count).unwrap_or(c_int::MAX);
        let counts: Vec<c_int> = columns.iter().map(|of| count(of.values.len())).collect();
        let (mut values, mut rows): (Vec<*mut f64>, Vec<*mut c_int>) =
            columns.iter_mut().map(|of| (of.values.as_mut_ptr(), of.rows.as_mut_ptr())).unzip();
        let mut raw: sys::DatasetHandle = ptr::null_mut();
        // SAFETY: `values` and `rows` have a pointer for each of `width` columns, to as many elements as `counts` says of it;
        // `columns` owns these, lives until after the call and is not used otherwise meanwhile, so that the library may
        // sort them in place; it keeps none of the pointers. `parameters` is NUL-terminated; `raw` is a valid place.
        let status = unsafe {
            sys::LGBM_DatasetCreateFromSampledColumn(
                values.as_mut_ptr(),
                rows.as_mut_ptr(),
                width,
                counts.as_ptr(),
                count(sampled),
                announced,
                i64::from(announced),
                parameters.as_ptr(),
                &raw mut raw,
            )
        };
        check(CALL, status)?;
        let dataset = Dataset::owned(CALL, raw)?;
        // SAFETY: the handle is live.
        check(WAIT, unsafe { sys::LGBM_DatasetSetWaitForManualFinish(dataset.raw, 1) })?;
        Ok(Self { dataset, width, announced, pushed: 0 })
    }

    /// Puts whole rows behind those that are there.
    pub(crate) fn push(&mut self, values: &[f64]) -> Result<(), Error> {
        const CALL: &str = "LGBM_DatasetPushRows";
        let width = length(CALL, i64::from(self.width))?.max(1);
        if !values.len().is_multiple_of(width) {
            let (found, expected) = (values.len(), values.len() / width * width);
            return Err(Error::Length { what: "a block of rows", found, expected });
        }
        let room = length(CALL, i64::from(self.announced) - i64::from(self.pushed))?;
        let rows = values.len() / width;
        let Some(height) = i32::try_from(rows).ok().filter(|_| rows <= room) else {
            let expected = length(CALL, i64::from(self.announced))?;
            return Err(Error::Announced { found: expected - room + rows, expected });
        };
        if height == 0 {
            return Ok(());
        }
        // SAFETY: the handle is live and not shared (`&mut`); `values` holds height × width f64 and is only read during the
        // call; the dataset has room for `announced` rows, and `pushed + height` is no more than that.
        let status = unsafe {
            sys::LGBM_DatasetPushRows(
                self.dataset.raw,
                values.as_ptr().cast::<c_void>(),
                sys::C_API_DTYPE_FLOAT64 as c_int,
                height,
                self.width,
                self.pushed,
            )
        };
        check(CALL, status)?;
        self.pushed += height;
        Ok(())
    }

    /// The dataset with its labels, once all rows are there.
    pub(crate) fn finish(
        self,
        labels: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Dataset<'lease>, Error> {
        const CALL: &str = "LGBM_DatasetMarkFinished";
        let expected = length(CALL, i64::from(self.announced))?;
        if self.pushed != self.announced {
            let found = length(CALL, i64::from(self.pushed))?;
            return Err(Error::Announced { found, expected });
        }
        for (what, found) in
            [("labels", labels.len()), ("weights", weights.map_or(expected, <[f64]>::len))]
        {
            if found != expected {
                return Err(Error::Length { what, found, expected });
            }
        }
        // SAFETY: the handle is live, and every row has been pushed.
        check(CALL, unsafe { sys::LGBM_DatasetMarkFinished(self.dataset.raw) })?;
        self.dataset.labelled(labels, weights, self.announced)
    }
}

/// A growing or a loaded model. Borrows the datasets that it reads.
pub(crate) struct Booster<'data> {
    raw: sys::BoosterHandle,
    data: PhantomData<&'data ()>,
}

impl<'data> Booster<'data> {
    pub(crate) fn new(train: &'data Dataset<'_>, parameters: &str) -> Result<Self, Error> {
        const CALL: &str = "LGBM_BoosterCreate";
        silence();
        let parameters = c_string(CALL, parameters)?;
        let mut raw: sys::BoosterHandle = ptr::null_mut();
        // SAFETY: the dataset is live and, by `'data`, outlives the booster; `parameters` is NUL-terminated; `raw` is
        // a valid place for a handle.
        let status =
            unsafe { sys::LGBM_BoosterCreate(train.raw, parameters.as_ptr(), &raw mut raw) };
        check(CALL, status)?;
        Self::owned(CALL, raw)
    }

    /// A model from its text.
    pub(crate) fn load(_lease: &'data Lease, text: &str) -> Result<Self, Error> {
        const CALL: &str = "LGBM_BoosterLoadModelFromString";
        silence();
        let text = c_string(CALL, text)?;
        let mut raw: sys::BoosterHandle = ptr::null_mut();
        let mut iterations: c_int = 0;
        // SAFETY: `text` is NUL-terminated and read during the call only; both places are valid.
        let status = unsafe {
            sys::LGBM_BoosterLoadModelFromString(text.as_ptr(), &raw mut iterations, &raw mut raw)
        };
        check(CALL, status)?;
        Self::owned(CALL, raw)
    }

    fn owned(call: &'static str, raw: sys::BoosterHandle) -> Result<Self, Error> {
        if raw.is_null() {
            return Err(Error::Unexpected { call, what: "no handle" });
        }
        Ok(Self { raw, data: PhantomData })
    }

    pub(crate) fn add_validation(&mut self, rows: &'data Dataset<'_>) -> Result<(), Error> {
        // SAFETY: both handles are live; by `'data` the dataset outlives the booster.
        check("LGBM_BoosterAddValidData", unsafe {
            sys::LGBM_BoosterAddValidData(self.raw, rows.raw)
        })
    }

    /// Grows the trees of one iteration; true where no further split is possible.
    pub(crate) fn update(&mut self) -> Result<bool, Error> {
        let mut finished: c_int = 0;
        // SAFETY: the handle is live and not shared (`&mut`); `finished` is a valid place.
        let status = unsafe { sys::LGBM_BoosterUpdateOneIter(self.raw, &raw mut finished) };
        check("LGBM_BoosterUpdateOneIter", status)?;
        Ok(finished != 0)
    }

    pub(crate) fn iterations(&self) -> Result<u32, Error> {
        const CALL: &str = "LGBM_BoosterGetCurrentIteration";
        let mut count: c_int = 0;
        // SAFETY: the handle is live; `count` is a valid place.
        check(CALL, unsafe { sys::LGBM_BoosterGetCurrentIteration(self.raw, &raw mut count) })?;
        u32::try_from(count)
            .map_err(|_| Error::Unexpected { call: CALL, what: "a negative number of iterations" })
    }

    /// The model's outputs for the validation rows so far, all rows of the first output first.
    pub(crate) fn validation_outputs(&self, into: &mut Vec<f64>) -> Result<(), Error> {
        const COUNT: &str = "LGBM_BoosterGetNumPredict";
        const CALL: &str = "LGBM_BoosterGetPredict";
        let mut count: i64 = 0;
        // SAFETY: the handle is live; `count` is a valid place.
        check(COUNT, unsafe { sys::LGBM_BoosterGetNumPredict(self.raw, 1, &raw mut count) })?;
        into.resize(length(COUNT, count)?, 0.0);
        let mut written: i64 = 0;
        // SAFETY: the handle is live; `into` has room for the number of values that the library has just named.
        let status = unsafe {
            sys::LGBM_BoosterGetPredict(self.raw, 1, &raw mut written, into.as_mut_ptr())
        };
        check(CALL, status)?;
        if written != count {
            return Err(Error::Unexpected {
                call: CALL,
                what: "another number of values than announced",
            });
        }
        Ok(())
    }

    /// The text of the first `iterations` iterations.
    pub(crate) fn text(&self, iterations: u32) -> Result<String, Error> {
        const CALL: &str = "LGBM_BoosterSaveModelToString";
        let iterations = c_int::try_from(iterations).unwrap_or(c_int::MAX);
        let mut buffer: Vec<u8> = vec![0; 1 << 16];
        loop {
            let capacity = i64::try_from(buffer.len()).unwrap_or(i64::MAX);
            let mut needed: i64 = 0;
            // SAFETY: the handle is live; `buffer` has `capacity` bytes, and the library writes only if it needs no
            // more than that.
            let status = unsafe {
                sys::LGBM_BoosterSaveModelToString(
                    self.raw,
                    0,
                    iterations,
                    sys::C_API_FEATURE_IMPORTANCE_GAIN as c_int,
                    capacity,
                    &raw mut needed,
                    buffer.as_mut_ptr().cast::<c_char>(),
                )
            };
            check(CALL, status)?;
            let needed = length(CALL, needed)?;
            if needed > buffer.len() {
                buffer.resize(needed, 0);
                continue;
            }
            let text = CStr::from_bytes_until_nul(&buffer)
                .map_err(|_| Error::Unexpected { call: CALL, what: "a text without end" })?;
            let text = text
                .to_str()
                .map_err(|_| Error::Unexpected { call: CALL, what: "a text that is not UTF-8" })?;
            return Ok(text.to_owned());
        }
    }

    /// Gain of each column in the first `iterations` iterations.
    pub(crate) fn gains(&self, iterations: u32) -> Result<Vec<f64>, Error> {
        let mut gains = vec![0.0; self.width()?];
        // SAFETY: the handle is live; `gains` has a place for each of the model's columns.
        let status = unsafe {
            sys::LGBM_BoosterFeatureImportance(
                self.raw,
                c_int::try_from(iterations).unwrap_or(c_int::MAX),
                sys::C_API_FEATURE_IMPORTANCE_GAIN as c_int,
                gains.as_mut_ptr(),
            )
        };
        check("LGBM_BoosterFeatureImportance", status)?;
        Ok(gains)
    }

    pub(crate) fn width(&self) -> Result<usize, Error> {
        const CALL: &str = "LGBM_BoosterGetNumFeature";
        let mut width: c_int = 0;
        // SAFETY: the handle is live; `width` is a valid place.
        check(CALL, unsafe { sys::LGBM_BoosterGetNumFeature(self.raw, &raw mut width) })?;
        length(CALL, i64::from(width))
    }

    fn outputs(&self) -> Result<usize, Error> {
        const CALL: &str = "LGBM_BoosterGetNumClasses";
        let mut outputs: c_int = 0;
        // SAFETY: the handle is live; `outputs` is a valid place.
        check(CALL, unsafe { sys::LGBM_BoosterGetNumClasses(self.raw, &raw mut outputs) })?;
        length(CALL, i64::from(outputs))
    }

    /// Outputs for `height` rows of `width` values, row by row.
    pub(crate) fn predict(
        &self,
        values: &[f64],
        height: i32,
        width: i32,
        kind: c_int,
        parameters: &str,
    ) -> Result<Vec<f64>, Error> {
        const CALL: &str = "LGBM_BoosterPredictForMat";
        silence();
        let parameters = c_string(CALL, parameters)?;
        let rows = length(CALL, i64::from(height))?;
        let columns = length(CALL, i64::from(width))?;
        if values.len() != rows * columns {
            return Err(Error::Length {
                what: "values",
                found: values.len(),
                expected: rows * columns,
            });
        }
        if columns != self.width()? {
            return Err(Error::Width { found: columns, expected: self.width()? });
        }
        let mut outputs = vec![0.0; rows * self.outputs()?];
        let mut written: i64 = 0;
        // SAFETY: the handle is live; `values` holds height × width f64, which is what the model reads per row;
        // `outputs` has room for rows × outputs, which both kinds (normal and raw) need; `parameters` is NUL-terminated.
        let status = unsafe {
            sys::LGBM_BoosterPredictForMat(
                self.raw,
                values.as_ptr().cast::<c_void>(),
                sys::C_API_DTYPE_FLOAT64 as c_int,
                height,
                width,
                1,
                kind,
                0,
                -1,
                parameters.as_ptr(),
                &raw mut written,
                outputs.as_mut_ptr(),
            )
        };
        check(CALL, status)?;
        if usize::try_from(written) != Ok(outputs.len()) {
            return Err(Error::Unexpected {
                call: CALL,
                what: "another number of values than rows times outputs",
            });
        }
        Ok(outputs)
    }
}

/// A booster that has been told once how single rows are predicted; freed on drop.
pub(crate) struct RowPredictor<'booster> {
    raw: sys::FastConfigHandle,
    width: usize,
    outputs: usize,
    booster: PhantomData<&'booster ()>,
}

impl<'booster> RowPredictor<'booster> {
    pub(crate) fn new(
        booster: &'booster Booster<'_>,
        kind: c_int,
        parameters: &str,
    ) -> Result<Self, Error> {
        const CALL: &str = "LGBM_BoosterPredictForMatSingleRowFastInit";
        silence();
        let (width, outputs) = (booster.width()?, booster.outputs()?);
        let columns = i32::try_from(width)
            .map_err(|_| Error::Unexpected { call: CALL, what: "too many columns" })?;
        let parameters = c_string(CALL, parameters)?;
        let mut raw: sys::FastConfigHandle = ptr::null_mut();
        // SAFETY: the booster is live and, by `'booster`, outlives what is made here; `parameters` is NUL-terminated;
        // `raw` is a valid place for a handle.
        let status = unsafe {
            sys::LGBM_BoosterPredictForMatSingleRowFastInit(
                booster.raw,
                kind,
                0,
                -1,
                sys::C_API_DTYPE_FLOAT64 as c_int,
                columns,
                parameters.as_ptr(),
                &raw mut raw,
            )
        };
        check(CALL, status)?;
        if raw.is_null() {
            return Err(Error::Unexpected { call: CALL, what: "no handle" });
        }
        Ok(Self { raw, width, outputs, booster: PhantomData })
    }

    /// The outputs of a row into `out`, which is as long as they are many.
    pub(crate) fn predict(&self, row: &[f64], out: &mut [f64]) -> Result<(), Error> {
        if row.len() != self.width {
            return Err(Error::Width { found: row.len(), expected: self.width });
        }
        if out.len() != self.outputs {
            let (found, expected) = (out.len(), self.outputs);
            return Err(Error::Length { what: "outputs", found, expected });
        }
        let mut written: i64 = 0;
        // SAFETY: the handle is live; `row` holds as many f64 as the model has columns and `out` has room for its
        // outputs, which both kinds (normal and raw) need.
        let status = unsafe {
            sys::LGBM_BoosterPredictForMatSingleRowFast(
                self.raw,
                row.as_ptr().cast::<c_void>(),
                &raw mut written,
                out.as_mut_ptr(),
            )
        };
        check("LGBM_BoosterPredictForMatSingleRowFast", status)
    }
}

impl Drop for RowPredictor<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle came from the library and is freed here only. A failure could not be handled.
        unsafe {
            sys::LGBM_FastConfigFree(self.raw);
        }
    }
}

impl Drop for Booster<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle came from the library and is freed here only. A failure could not be handled.
        unsafe {
            sys::LGBM_BoosterFree(self.raw);
        }
    }
}
