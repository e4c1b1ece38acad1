impl serde::Serialize for Alert {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.alert_id.is_empty() {
            len += 1;
        }
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if self.kind != 0 {
            len += 1;
        }
        if self.severity != 0 {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if !self.raised_by.is_empty() {
            len += 1;
        }
        if !self.subject.is_empty() {
            len += 1;
        }
        if self.value != 0. {
            len += 1;
        }
        if self.threshold != 0. {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        if !self.findings.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Alert", len)?;
        if !self.alert_id.is_empty() {
            struct_ser.serialize_field("alertId", &self.alert_id)?;
        }
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if self.kind != 0 {
            let v = AlertKind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if self.severity != 0 {
            let v = AlertSeverity::try_from(self.severity)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.severity)))?;
            struct_ser.serialize_field("severity", &v)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if !self.raised_by.is_empty() {
            struct_ser.serialize_field("raisedBy", &self.raised_by)?;
        }
        if !self.subject.is_empty() {
            struct_ser.serialize_field("subject", &self.subject)?;
        }
        if self.value != 0. {
            struct_ser.serialize_field("value", &self.value)?;
        }
        if self.threshold != 0. {
            struct_ser.serialize_field("threshold", &self.threshold)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if !self.findings.is_empty() {
            struct_ser.serialize_field("findings", &self.findings)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Alert {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "alert_id",
            "alertId",
            "endpoint",
            "version",
            "kind",
            "severity",
            "reason",
            "at",
            "raised_by",
            "raisedBy",
            "subject",
            "value",
            "threshold",
            "run_id",
            "runId",
            "findings",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            AlertId,
            Endpoint,
            Version,
            Kind,
            Severity,
            Reason,
            At,
            RaisedBy,
            Subject,
            Value,
            Threshold,
            RunId,
            Findings,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "alertId" | "alert_id" => Ok(GeneratedField::AlertId),
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "version" => Ok(GeneratedField::Version),
                            "kind" => Ok(GeneratedField::Kind),
                            "severity" => Ok(GeneratedField::Severity),
                            "reason" => Ok(GeneratedField::Reason),
                            "at" => Ok(GeneratedField::At),
                            "raisedBy" | "raised_by" => Ok(GeneratedField::RaisedBy),
                            "subject" => Ok(GeneratedField::Subject),
                            "value" => Ok(GeneratedField::Value),
                            "threshold" => Ok(GeneratedField::Threshold),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "findings" => Ok(GeneratedField::Findings),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Alert;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Alert")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Alert, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut alert_id__ = None;
                let mut endpoint__ = None;
                let mut version__ = None;
                let mut kind__ = None;
                let mut severity__ = None;
                let mut reason__ = None;
                let mut at__ = None;
                let mut raised_by__ = None;
                let mut subject__ = None;
                let mut value__ = None;
                let mut threshold__ = None;
                let mut run_id__ = None;
                let mut findings__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::AlertId => {
                            if alert_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("alertId"));
                            }
                            alert_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<AlertKind>()? as i32);
                        }
                        GeneratedField::Severity => {
                            if severity__.is_some() {
                                return Err(serde::de::Error::duplicate_field("severity"));
                            }
                            severity__ = Some(map_.next_value::<AlertSeverity>()? as i32);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::RaisedBy => {
                            if raised_by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("raisedBy"));
                            }
                            raised_by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Subject => {
                            if subject__.is_some() {
                                return Err(serde::de::Error::duplicate_field("subject"));
                            }
                            subject__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Threshold => {
                            if threshold__.is_some() {
                                return Err(serde::de::Error::duplicate_field("threshold"));
                            }
                            threshold__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Findings => {
                            if findings__.is_some() {
                                return Err(serde::de::Error::duplicate_field("findings"));
                            }
                            findings__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Alert {
                    alert_id: alert_id__.unwrap_or_default(),
                    endpoint: endpoint__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    kind: kind__.unwrap_or_default(),
                    severity: severity__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                    at: at__,
                    raised_by: raised_by__.unwrap_or_default(),
                    subject: subject__.unwrap_or_default(),
                    value: value__.unwrap_or_default(),
                    threshold: threshold__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                    findings: findings__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Alert", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for AlertKind {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ALERT_KIND_UNSPECIFIED",
            Self::FeatureDrift => "ALERT_KIND_FEATURE_DRIFT",
            Self::PredictionDrift => "ALERT_KIND_PREDICTION_DRIFT",
            Self::DataQuality => "ALERT_KIND_DATA_QUALITY",
            Self::PerformanceDegradation => "ALERT_KIND_PERFORMANCE_DEGRADATION",
            Self::HighErrorRate => "ALERT_KIND_HIGH_ERROR_RATE",
            Self::HighLatency => "ALERT_KIND_HIGH_LATENCY",
            Self::DataValidation => "ALERT_KIND_DATA_VALIDATION",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for AlertKind {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ALERT_KIND_UNSPECIFIED",
            "ALERT_KIND_FEATURE_DRIFT",
            "ALERT_KIND_PREDICTION_DRIFT",
            "ALERT_KIND_DATA_QUALITY",
            "ALERT_KIND_PERFORMANCE_DEGRADATION",
            "ALERT_KIND_HIGH_ERROR_RATE",
            "ALERT_KIND_HIGH_LATENCY",
            "ALERT_KIND_DATA_VALIDATION",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = AlertKind;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ALERT_KIND_UNSPECIFIED" => Ok(AlertKind::Unspecified),
                    "ALERT_KIND_FEATURE_DRIFT" => Ok(AlertKind::FeatureDrift),
                    "ALERT_KIND_PREDICTION_DRIFT" => Ok(AlertKind::PredictionDrift),
                    "ALERT_KIND_DATA_QUALITY" => Ok(AlertKind::DataQuality),
                    "ALERT_KIND_PERFORMANCE_DEGRADATION" => Ok(AlertKind::PerformanceDegradation),
                    "ALERT_KIND_HIGH_ERROR_RATE" => Ok(AlertKind::HighErrorRate),
                    "ALERT_KIND_HIGH_LATENCY" => Ok(AlertKind::HighLatency),
                    "ALERT_KIND_DATA_VALIDATION" => Ok(AlertKind::DataValidation),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for AlertRecord {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.alert.is_some() {
            len += 1;
        }
        if self.state != 0 {
            len += 1;
        }
        if self.opened_at.is_some() {
            len += 1;
        }
        if self.last_at.is_some() {
            len += 1;
        }
        if self.occurrences != 0 {
            len += 1;
        }
        if self.acknowledged_at.is_some() {
            len += 1;
        }
        if !self.acknowledged_by.is_empty() {
            len += 1;
        }
        if !self.note.is_empty() {
            len += 1;
        }
        if self.resolved_at.is_some() {
            len += 1;
        }
        if !self.resolved_by.is_empty() {
            len += 1;
        }
        if self.clear_checks != 0 {
            len += 1;
        }
        if self.sent != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.AlertRecord", len)?;
        if let Some(v) = self.alert.as_ref() {
            struct_ser.serialize_field("alert", v)?;
        }
        if self.state != 0 {
            let v = AlertState::try_from(self.state)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.state)))?;
            struct_ser.serialize_field("state", &v)?;
        }
        if let Some(v) = self.opened_at.as_ref() {
            struct_ser.serialize_field("openedAt", v)?;
        }
        if let Some(v) = self.last_at.as_ref() {
            struct_ser.serialize_field("lastAt", v)?;
        }
        if self.occurrences != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("occurrences", ToString::to_string(&self.occurrences).as_str())?;
        }
        if let Some(v) = self.acknowledged_at.as_ref() {
            struct_ser.serialize_field("acknowledgedAt", v)?;
        }
        if !self.acknowledged_by.is_empty() {
            struct_ser.serialize_field("acknowledgedBy", &self.acknowledged_by)?;
        }
        if !self.note.is_empty() {
            struct_ser.serialize_field("note", &self.note)?;
        }
        if let Some(v) = self.resolved_at.as_ref() {
            struct_ser.serialize_field("resolvedAt", v)?;
        }
        if !self.resolved_by.is_empty() {
            struct_ser.serialize_field("resolvedBy", &self.resolved_by)?;
        }
        if self.clear_checks != 0 {
            struct_ser.serialize_field("clearChecks", &self.clear_checks)?;
        }
        if self.sent != 0 {
            let v = AlertSeverity::try_from(self.sent)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.sent)))?;
            struct_ser.serialize_field("sent", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for AlertRecord {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "alert",
            "state",
            "opened_at",
            "openedAt",
            "last_at",
            "lastAt",
            "occurrences",
            "acknowledged_at",
            "acknowledgedAt",
            "acknowledged_by",
            "acknowledgedBy",
            "note",
            "resolved_at",
            "resolvedAt",
            "resolved_by",
            "resolvedBy",
            "clear_checks",
            "clearChecks",
            "sent",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Alert,
            State,
            OpenedAt,
            LastAt,
            Occurrences,
            AcknowledgedAt,
            AcknowledgedBy,
            Note,
            ResolvedAt,
            ResolvedBy,
            ClearChecks,
            Sent,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "alert" => Ok(GeneratedField::Alert),
                            "state" => Ok(GeneratedField::State),
                            "openedAt" | "opened_at" => Ok(GeneratedField::OpenedAt),
                            "lastAt" | "last_at" => Ok(GeneratedField::LastAt),
                            "occurrences" => Ok(GeneratedField::Occurrences),
                            "acknowledgedAt" | "acknowledged_at" => Ok(GeneratedField::AcknowledgedAt),
                            "acknowledgedBy" | "acknowledged_by" => Ok(GeneratedField::AcknowledgedBy),
                            "note" => Ok(GeneratedField::Note),
                            "resolvedAt" | "resolved_at" => Ok(GeneratedField::ResolvedAt),
                            "resolvedBy" | "resolved_by" => Ok(GeneratedField::ResolvedBy),
                            "clearChecks" | "clear_checks" => Ok(GeneratedField::ClearChecks),
                            "sent" => Ok(GeneratedField::Sent),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = AlertRecord;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.AlertRecord")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<AlertRecord, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut alert__ = None;
                let mut state__ = None;
                let mut opened_at__ = None;
                let mut last_at__ = None;
                let mut occurrences__ = None;
                let mut acknowledged_at__ = None;
                let mut acknowledged_by__ = None;
                let mut note__ = None;
                let mut resolved_at__ = None;
                let mut resolved_by__ = None;
                let mut clear_checks__ = None;
                let mut sent__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Alert => {
                            if alert__.is_some() {
                                return Err(serde::de::Error::duplicate_field("alert"));
                            }
                            alert__ = map_.next_value()?;
                        }
                        GeneratedField::State => {
                            if state__.is_some() {
                                return Err(serde::de::Error::duplicate_field("state"));
                            }
                            state__ = Some(map_.next_value::<AlertState>()? as i32);
                        }
                        GeneratedField::OpenedAt => {
                            if opened_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("openedAt"));
                            }
                            opened_at__ = map_.next_value()?;
                        }
                        GeneratedField::LastAt => {
                            if last_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lastAt"));
                            }
                            last_at__ = map_.next_value()?;
                        }
                        GeneratedField::Occurrences => {
                            if occurrences__.is_some() {
                                return Err(serde::de::Error::duplicate_field("occurrences"));
                            }
                            occurrences__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::AcknowledgedAt => {
                            if acknowledged_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("acknowledgedAt"));
                            }
                            acknowledged_at__ = map_.next_value()?;
                        }
                        GeneratedField::AcknowledgedBy => {
                            if acknowledged_by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("acknowledgedBy"));
                            }
                            acknowledged_by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Note => {
                            if note__.is_some() {
                                return Err(serde::de::Error::duplicate_field("note"));
                            }
                            note__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ResolvedAt => {
                            if resolved_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("resolvedAt"));
                            }
                            resolved_at__ = map_.next_value()?;
                        }
                        GeneratedField::ResolvedBy => {
                            if resolved_by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("resolvedBy"));
                            }
                            resolved_by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ClearChecks => {
                            if clear_checks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("clearChecks"));
                            }
                            clear_checks__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Sent => {
                            if sent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sent"));
                            }
                            sent__ = Some(map_.next_value::<AlertSeverity>()? as i32);
                        }
                    }
                }
                Ok(AlertRecord {
                    alert: alert__,
                    state: state__.unwrap_or_default(),
                    opened_at: opened_at__,
                    last_at: last_at__,
                    occurrences: occurrences__.unwrap_or_default(),
                    acknowledged_at: acknowledged_at__,
                    acknowledged_by: acknowledged_by__.unwrap_or_default(),
                    note: note__.unwrap_or_default(),
                    resolved_at: resolved_at__,
                    resolved_by: resolved_by__.unwrap_or_default(),
                    clear_checks: clear_checks__.unwrap_or_default(),
                    sent: sent__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.AlertRecord", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for AlertSeverity {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ALERT_SEVERITY_UNSPECIFIED",
            Self::Info => "ALERT_SEVERITY_INFO",
            Self::Warning => "ALERT_SEVERITY_WARNING",
            Self::Critical => "ALERT_SEVERITY_CRITICAL",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for AlertSeverity {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ALERT_SEVERITY_UNSPECIFIED",
            "ALERT_SEVERITY_INFO",
            "ALERT_SEVERITY_WARNING",
            "ALERT_SEVERITY_CRITICAL",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = AlertSeverity;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ALERT_SEVERITY_UNSPECIFIED" => Ok(AlertSeverity::Unspecified),
                    "ALERT_SEVERITY_INFO" => Ok(AlertSeverity::Info),
                    "ALERT_SEVERITY_WARNING" => Ok(AlertSeverity::Warning),
                    "ALERT_SEVERITY_CRITICAL" => Ok(AlertSeverity::Critical),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for AlertState {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ALERT_STATE_UNSPECIFIED",
            Self::Active => "ALERT_STATE_ACTIVE",
            Self::Acknowledged => "ALERT_STATE_ACKNOWLEDGED",
            Self::Resolved => "ALERT_STATE_RESOLVED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for AlertState {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ALERT_STATE_UNSPECIFIED",
            "ALERT_STATE_ACTIVE",
            "ALERT_STATE_ACKNOWLEDGED",
            "ALERT_STATE_RESOLVED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = AlertState;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ALERT_STATE_UNSPECIFIED" => Ok(AlertState::Unspecified),
                    "ALERT_STATE_ACTIVE" => Ok(AlertState::Active),
                    "ALERT_STATE_ACKNOWLEDGED" => Ok(AlertState::Acknowledged),
                    "ALERT_STATE_RESOLVED" => Ok(AlertState::Resolved),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Analysis {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.success_condition.is_empty() {
            len += 1;
        }
        if !self.failure_condition.is_empty() {
            len += 1;
        }
        if self.failure_limit != 0 {
            len += 1;
        }
        if self.inconclusive_limit != 0 {
            len += 1;
        }
        if self.interval_seconds != 0. {
            len += 1;
        }
        if self.count != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Analysis", len)?;
        if !self.success_condition.is_empty() {
            struct_ser.serialize_field("successCondition", &self.success_condition)?;
        }
        if !self.failure_condition.is_empty() {
            struct_ser.serialize_field("failureCondition", &self.failure_condition)?;
        }
        if self.failure_limit != 0 {
            struct_ser.serialize_field("failureLimit", &self.failure_limit)?;
        }
        if self.inconclusive_limit != 0 {
            struct_ser.serialize_field("inconclusiveLimit", &self.inconclusive_limit)?;
        }
        if self.interval_seconds != 0. {
            struct_ser.serialize_field("intervalSeconds", &self.interval_seconds)?;
        }
        if self.count != 0 {
            struct_ser.serialize_field("count", &self.count)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Analysis {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "success_condition",
            "successCondition",
            "failure_condition",
            "failureCondition",
            "failure_limit",
            "failureLimit",
            "inconclusive_limit",
            "inconclusiveLimit",
            "interval_seconds",
            "intervalSeconds",
            "count",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            SuccessCondition,
            FailureCondition,
            FailureLimit,
            InconclusiveLimit,
            IntervalSeconds,
            Count,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "successCondition" | "success_condition" => Ok(GeneratedField::SuccessCondition),
                            "failureCondition" | "failure_condition" => Ok(GeneratedField::FailureCondition),
                            "failureLimit" | "failure_limit" => Ok(GeneratedField::FailureLimit),
                            "inconclusiveLimit" | "inconclusive_limit" => Ok(GeneratedField::InconclusiveLimit),
                            "intervalSeconds" | "interval_seconds" => Ok(GeneratedField::IntervalSeconds),
                            "count" => Ok(GeneratedField::Count),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Analysis;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Analysis")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Analysis, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut success_condition__ = None;
                let mut failure_condition__ = None;
                let mut failure_limit__ = None;
                let mut inconclusive_limit__ = None;
                let mut interval_seconds__ = None;
                let mut count__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::SuccessCondition => {
                            if success_condition__.is_some() {
                                return Err(serde::de::Error::duplicate_field("successCondition"));
                            }
                            success_condition__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FailureCondition => {
                            if failure_condition__.is_some() {
                                return Err(serde::de::Error::duplicate_field("failureCondition"));
                            }
                            failure_condition__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FailureLimit => {
                            if failure_limit__.is_some() {
                                return Err(serde::de::Error::duplicate_field("failureLimit"));
                            }
                            failure_limit__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::InconclusiveLimit => {
                            if inconclusive_limit__.is_some() {
                                return Err(serde::de::Error::duplicate_field("inconclusiveLimit"));
                            }
                            inconclusive_limit__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::IntervalSeconds => {
                            if interval_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("intervalSeconds"));
                            }
                            interval_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Count => {
                            if count__.is_some() {
                                return Err(serde::de::Error::duplicate_field("count"));
                            }
                            count__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Analysis {
                    success_condition: success_condition__.unwrap_or_default(),
                    failure_condition: failure_condition__.unwrap_or_default(),
                    failure_limit: failure_limit__.unwrap_or_default(),
                    inconclusive_limit: inconclusive_limit__.unwrap_or_default(),
                    interval_seconds: interval_seconds__.unwrap_or_default(),
                    count: count__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Analysis", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for AnalysisResult {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ANALYSIS_RESULT_UNSPECIFIED",
            Self::Successful => "ANALYSIS_RESULT_SUCCESSFUL",
            Self::Failed => "ANALYSIS_RESULT_FAILED",
            Self::Inconclusive => "ANALYSIS_RESULT_INCONCLUSIVE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for AnalysisResult {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ANALYSIS_RESULT_UNSPECIFIED",
            "ANALYSIS_RESULT_SUCCESSFUL",
            "ANALYSIS_RESULT_FAILED",
            "ANALYSIS_RESULT_INCONCLUSIVE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = AnalysisResult;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ANALYSIS_RESULT_UNSPECIFIED" => Ok(AnalysisResult::Unspecified),
                    "ANALYSIS_RESULT_SUCCESSFUL" => Ok(AnalysisResult::Successful),
                    "ANALYSIS_RESULT_FAILED" => Ok(AnalysisResult::Failed),
                    "ANALYSIS_RESULT_INCONCLUSIVE" => Ok(AnalysisResult::Inconclusive),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Answered {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.request_id.is_empty() {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if self.latency_ms != 0. {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        if self.first_row != 0 {
            len += 1;
        }
        if !self.entity_ids.is_empty() {
            len += 1;
        }
        if !self.traceparent.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Answered", len)?;
        if !self.request_id.is_empty() {
            struct_ser.serialize_field("requestId", &self.request_id)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if self.latency_ms != 0. {
            struct_ser.serialize_field("latencyMs", &self.latency_ms)?;
        }
        if self.rows != 0 {
            struct_ser.serialize_field("rows", &self.rows)?;
        }
        if self.first_row != 0 {
            struct_ser.serialize_field("firstRow", &self.first_row)?;
        }
        if !self.entity_ids.is_empty() {
            struct_ser.serialize_field("entityIds", &self.entity_ids)?;
        }
        if !self.traceparent.is_empty() {
            struct_ser.serialize_field("traceparent", &self.traceparent)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Answered {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "request_id",
            "requestId",
            "at",
            "latency_ms",
            "latencyMs",
            "rows",
            "first_row",
            "firstRow",
            "entity_ids",
            "entityIds",
            "traceparent",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            RequestId,
            At,
            LatencyMs,
            Rows,
            FirstRow,
            EntityIds,
            Traceparent,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "requestId" | "request_id" => Ok(GeneratedField::RequestId),
                            "at" => Ok(GeneratedField::At),
                            "latencyMs" | "latency_ms" => Ok(GeneratedField::LatencyMs),
                            "rows" => Ok(GeneratedField::Rows),
                            "firstRow" | "first_row" => Ok(GeneratedField::FirstRow),
                            "entityIds" | "entity_ids" => Ok(GeneratedField::EntityIds),
                            "traceparent" => Ok(GeneratedField::Traceparent),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Answered;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Answered")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Answered, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut request_id__ = None;
                let mut at__ = None;
                let mut latency_ms__ = None;
                let mut rows__ = None;
                let mut first_row__ = None;
                let mut entity_ids__ = None;
                let mut traceparent__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::RequestId => {
                            if request_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestId"));
                            }
                            request_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::LatencyMs => {
                            if latency_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("latencyMs"));
                            }
                            latency_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::FirstRow => {
                            if first_row__.is_some() {
                                return Err(serde::de::Error::duplicate_field("firstRow"));
                            }
                            first_row__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::EntityIds => {
                            if entity_ids__.is_some() {
                                return Err(serde::de::Error::duplicate_field("entityIds"));
                            }
                            entity_ids__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Traceparent => {
                            if traceparent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("traceparent"));
                            }
                            traceparent__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Answered {
                    request_id: request_id__.unwrap_or_default(),
                    at: at__,
                    latency_ms: latency_ms__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    first_row: first_row__.unwrap_or_default(),
                    entity_ids: entity_ids__.unwrap_or_default(),
                    traceparent: traceparent__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Answered", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ArtifactRef {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.uri.is_empty() {
            len += 1;
        }
        if !self.sha256.is_empty() {
            len += 1;
        }
        if self.bytes != 0 {
            len += 1;
        }
        if !self.media_type.is_empty() {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ArtifactRef", len)?;
        if !self.uri.is_empty() {
            struct_ser.serialize_field("uri", &self.uri)?;
        }
        if !self.sha256.is_empty() {
            struct_ser.serialize_field("sha256", &self.sha256)?;
        }
        if self.bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if !self.media_type.is_empty() {
            struct_ser.serialize_field("mediaType", &self.media_type)?;
        }
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ArtifactRef {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "uri",
            "sha256",
            "bytes",
            "media_type",
            "mediaType",
            "rows",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Uri,
            Sha256,
            Bytes,
            MediaType,
            Rows,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "uri" => Ok(GeneratedField::Uri),
                            "sha256" => Ok(GeneratedField::Sha256),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "mediaType" | "media_type" => Ok(GeneratedField::MediaType),
                            "rows" => Ok(GeneratedField::Rows),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ArtifactRef;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ArtifactRef")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ArtifactRef, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut uri__ = None;
                let mut sha256__ = None;
                let mut bytes__ = None;
                let mut media_type__ = None;
                let mut rows__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Uri => {
                            if uri__.is_some() {
                                return Err(serde::de::Error::duplicate_field("uri"));
                            }
                            uri__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Sha256 => {
                            if sha256__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sha256"));
                            }
                            sha256__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MediaType => {
                            if media_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mediaType"));
                            }
                            media_type__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ArtifactRef {
                    uri: uri__.unwrap_or_default(),
                    sha256: sha256__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    media_type: media_type__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ArtifactRef", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for BreakerState {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "BREAKER_STATE_UNSPECIFIED",
            Self::Closed => "BREAKER_STATE_CLOSED",
            Self::Open => "BREAKER_STATE_OPEN",
            Self::HalfOpen => "BREAKER_STATE_HALF_OPEN",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for BreakerState {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "BREAKER_STATE_UNSPECIFIED",
            "BREAKER_STATE_CLOSED",
            "BREAKER_STATE_OPEN",
            "BREAKER_STATE_HALF_OPEN",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = BreakerState;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "BREAKER_STATE_UNSPECIFIED" => Ok(BreakerState::Unspecified),
                    "BREAKER_STATE_CLOSED" => Ok(BreakerState::Closed),
                    "BREAKER_STATE_OPEN" => Ok(BreakerState::Open),
                    "BREAKER_STATE_HALF_OPEN" => Ok(BreakerState::HalfOpen),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Candidate {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.algorithm.is_empty() {
            len += 1;
        }
        if self.score != 0. {
            len += 1;
        }
        if self.score_std != 0. {
            len += 1;
        }
        if self.fit_seconds != 0. {
            len += 1;
        }
        if !self.search_space.is_empty() {
            len += 1;
        }
        if !self.rationale.is_empty() {
            len += 1;
        }
        if !self.fold_scores.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Candidate", len)?;
        if !self.algorithm.is_empty() {
            struct_ser.serialize_field("algorithm", &self.algorithm)?;
        }
        if self.score != 0. {
            struct_ser.serialize_field("score", &self.score)?;
        }
        if self.score_std != 0. {
            struct_ser.serialize_field("scoreStd", &self.score_std)?;
        }
        if self.fit_seconds != 0. {
            struct_ser.serialize_field("fitSeconds", &self.fit_seconds)?;
        }
        if !self.search_space.is_empty() {
            struct_ser.serialize_field("searchSpace", &self.search_space)?;
        }
        if !self.rationale.is_empty() {
            struct_ser.serialize_field("rationale", &self.rationale)?;
        }
        if !self.fold_scores.is_empty() {
            struct_ser.serialize_field("foldScores", &self.fold_scores)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Candidate {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "algorithm",
            "score",
            "score_std",
            "scoreStd",
            "fit_seconds",
            "fitSeconds",
            "search_space",
            "searchSpace",
            "rationale",
            "fold_scores",
            "foldScores",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Algorithm,
            Score,
            ScoreStd,
            FitSeconds,
            SearchSpace,
            Rationale,
            FoldScores,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "algorithm" => Ok(GeneratedField::Algorithm),
                            "score" => Ok(GeneratedField::Score),
                            "scoreStd" | "score_std" => Ok(GeneratedField::ScoreStd),
                            "fitSeconds" | "fit_seconds" => Ok(GeneratedField::FitSeconds),
                            "searchSpace" | "search_space" => Ok(GeneratedField::SearchSpace),
                            "rationale" => Ok(GeneratedField::Rationale),
                            "foldScores" | "fold_scores" => Ok(GeneratedField::FoldScores),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Candidate;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Candidate")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Candidate, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut algorithm__ = None;
                let mut score__ = None;
                let mut score_std__ = None;
                let mut fit_seconds__ = None;
                let mut search_space__ = None;
                let mut rationale__ = None;
                let mut fold_scores__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Algorithm => {
                            if algorithm__.is_some() {
                                return Err(serde::de::Error::duplicate_field("algorithm"));
                            }
                            algorithm__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Score => {
                            if score__.is_some() {
                                return Err(serde::de::Error::duplicate_field("score"));
                            }
                            score__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ScoreStd => {
                            if score_std__.is_some() {
                                return Err(serde::de::Error::duplicate_field("scoreStd"));
                            }
                            score_std__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::FitSeconds => {
                            if fit_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fitSeconds"));
                            }
                            fit_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::SearchSpace => {
                            if search_space__.is_some() {
                                return Err(serde::de::Error::duplicate_field("searchSpace"));
                            }
                            search_space__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rationale => {
                            if rationale__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rationale"));
                            }
                            rationale__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FoldScores => {
                            if fold_scores__.is_some() {
                                return Err(serde::de::Error::duplicate_field("foldScores"));
                            }
                            fold_scores__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                    }
                }
                Ok(Candidate {
                    algorithm: algorithm__.unwrap_or_default(),
                    score: score__.unwrap_or_default(),
                    score_std: score_std__.unwrap_or_default(),
                    fit_seconds: fit_seconds__.unwrap_or_default(),
                    search_space: search_space__.unwrap_or_default(),
                    rationale: rationale__.unwrap_or_default(),
                    fold_scores: fold_scores__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Candidate", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Cause {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.alert_id.is_empty() {
            len += 1;
        }
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        if !self.batch_sha256.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Cause", len)?;
        if !self.alert_id.is_empty() {
            struct_ser.serialize_field("alertId", &self.alert_id)?;
        }
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if !self.batch_sha256.is_empty() {
            struct_ser.serialize_field("batchSha256", &self.batch_sha256)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Cause {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "alert_id",
            "alertId",
            "endpoint",
            "version",
            "run_id",
            "runId",
            "reason",
            "batch_sha256",
            "batchSha256",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            AlertId,
            Endpoint,
            Version,
            RunId,
            Reason,
            BatchSha256,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "alertId" | "alert_id" => Ok(GeneratedField::AlertId),
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "version" => Ok(GeneratedField::Version),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "reason" => Ok(GeneratedField::Reason),
                            "batchSha256" | "batch_sha256" => Ok(GeneratedField::BatchSha256),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Cause;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Cause")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Cause, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut alert_id__ = None;
                let mut endpoint__ = None;
                let mut version__ = None;
                let mut run_id__ = None;
                let mut reason__ = None;
                let mut batch_sha256__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::AlertId => {
                            if alert_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("alertId"));
                            }
                            alert_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                        GeneratedField::BatchSha256 => {
                            if batch_sha256__.is_some() {
                                return Err(serde::de::Error::duplicate_field("batchSha256"));
                            }
                            batch_sha256__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Cause {
                    alert_id: alert_id__.unwrap_or_default(),
                    endpoint: endpoint__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                    batch_sha256: batch_sha256__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Cause", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ClassCount {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.class.is_empty() {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ClassCount", len)?;
        if !self.class.is_empty() {
            struct_ser.serialize_field("class", &self.class)?;
        }
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ClassCount {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "class",
            "rows",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Class,
            Rows,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "class" => Ok(GeneratedField::Class),
                            "rows" => Ok(GeneratedField::Rows),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ClassCount;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ClassCount")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ClassCount, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut class__ = None;
                let mut rows__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Class => {
                            if class__.is_some() {
                                return Err(serde::de::Error::duplicate_field("class"));
                            }
                            class__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ClassCount {
                    class: class__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ClassCount", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for CleaningRules {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.all.is_some() {
            len += 1;
        }
        if !self.columns.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.CleaningRules", len)?;
        if let Some(v) = self.all.as_ref() {
            struct_ser.serialize_field("all", v)?;
        }
        if !self.columns.is_empty() {
            struct_ser.serialize_field("columns", &self.columns)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CleaningRules {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "all",
            "columns",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            All,
            Columns,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "all" => Ok(GeneratedField::All),
                            "columns" => Ok(GeneratedField::Columns),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CleaningRules;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.CleaningRules")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CleaningRules, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut all__ = None;
                let mut columns__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::All => {
                            if all__.is_some() {
                                return Err(serde::de::Error::duplicate_field("all"));
                            }
                            all__ = map_.next_value()?;
                        }
                        GeneratedField::Columns => {
                            if columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("columns"));
                            }
                            columns__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(CleaningRules {
                    all: all__,
                    columns: columns__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.CleaningRules", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for CohortWindow {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.index_column.is_empty() {
            len += 1;
        }
        if !self.start_column.is_empty() {
            len += 1;
        }
        if !self.end_column.is_empty() {
            len += 1;
        }
        if self.look_back_days != 0. {
            len += 1;
        }
        if self.follow_up_days != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.CohortWindow", len)?;
        if !self.index_column.is_empty() {
            struct_ser.serialize_field("indexColumn", &self.index_column)?;
        }
        if !self.start_column.is_empty() {
            struct_ser.serialize_field("startColumn", &self.start_column)?;
        }
        if !self.end_column.is_empty() {
            struct_ser.serialize_field("endColumn", &self.end_column)?;
        }
        if self.look_back_days != 0. {
            struct_ser.serialize_field("lookBackDays", &self.look_back_days)?;
        }
        if self.follow_up_days != 0. {
            struct_ser.serialize_field("followUpDays", &self.follow_up_days)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CohortWindow {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "index_column",
            "indexColumn",
            "start_column",
            "startColumn",
            "end_column",
            "endColumn",
            "look_back_days",
            "lookBackDays",
            "follow_up_days",
            "followUpDays",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            IndexColumn,
            StartColumn,
            EndColumn,
            LookBackDays,
            FollowUpDays,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "indexColumn" | "index_column" => Ok(GeneratedField::IndexColumn),
                            "startColumn" | "start_column" => Ok(GeneratedField::StartColumn),
                            "endColumn" | "end_column" => Ok(GeneratedField::EndColumn),
                            "lookBackDays" | "look_back_days" => Ok(GeneratedField::LookBackDays),
                            "followUpDays" | "follow_up_days" => Ok(GeneratedField::FollowUpDays),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CohortWindow;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.CohortWindow")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CohortWindow, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut index_column__ = None;
                let mut start_column__ = None;
                let mut end_column__ = None;
                let mut look_back_days__ = None;
                let mut follow_up_days__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::IndexColumn => {
                            if index_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("indexColumn"));
                            }
                            index_column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::StartColumn => {
                            if start_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("startColumn"));
                            }
                            start_column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::EndColumn => {
                            if end_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endColumn"));
                            }
                            end_column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::LookBackDays => {
                            if look_back_days__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lookBackDays"));
                            }
                            look_back_days__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::FollowUpDays => {
                            if follow_up_days__.is_some() {
                                return Err(serde::de::Error::duplicate_field("followUpDays"));
                            }
                            follow_up_days__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(CohortWindow {
                    index_column: index_column__.unwrap_or_default(),
                    start_column: start_column__.unwrap_or_default(),
                    end_column: end_column__.unwrap_or_default(),
                    look_back_days: look_back_days__.unwrap_or_default(),
                    follow_up_days: follow_up_days__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.CohortWindow", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ColumnRules {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.column.is_empty() {
            len += 1;
        }
        if self.rules.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ColumnRules", len)?;
        if !self.column.is_empty() {
            struct_ser.serialize_field("column", &self.column)?;
        }
        if let Some(v) = self.rules.as_ref() {
            struct_ser.serialize_field("rules", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ColumnRules {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "column",
            "rules",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Column,
            Rules,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "column" => Ok(GeneratedField::Column),
                            "rules" => Ok(GeneratedField::Rules),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ColumnRules;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ColumnRules")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ColumnRules, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut column__ = None;
                let mut rules__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Column => {
                            if column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("column"));
                            }
                            column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rules => {
                            if rules__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rules"));
                            }
                            rules__ = map_.next_value()?;
                        }
                    }
                }
                Ok(ColumnRules {
                    column: column__.unwrap_or_default(),
                    rules: rules__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ColumnRules", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ColumnSchema {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.name.is_empty() {
            len += 1;
        }
        if self.r#type != 0 {
            len += 1;
        }
        if self.nullable {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ColumnSchema", len)?;
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if self.r#type != 0 {
            let v = ColumnType::try_from(self.r#type)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.r#type)))?;
            struct_ser.serialize_field("type", &v)?;
        }
        if self.nullable {
            struct_ser.serialize_field("nullable", &self.nullable)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ColumnSchema {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "type",
            "nullable",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Type,
            Nullable,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "type" => Ok(GeneratedField::Type),
                            "nullable" => Ok(GeneratedField::Nullable),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ColumnSchema;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ColumnSchema")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ColumnSchema, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut r#type__ = None;
                let mut nullable__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Type => {
                            if r#type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("type"));
                            }
                            r#type__ = Some(map_.next_value::<ColumnType>()? as i32);
                        }
                        GeneratedField::Nullable => {
                            if nullable__.is_some() {
                                return Err(serde::de::Error::duplicate_field("nullable"));
                            }
                            nullable__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ColumnSchema {
                    name: name__.unwrap_or_default(),
                    r#type: r#type__.unwrap_or_default(),
                    nullable: nullable__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ColumnSchema", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ColumnType {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "COLUMN_TYPE_UNSPECIFIED",
            Self::Integer => "COLUMN_TYPE_INTEGER",
            Self::Number => "COLUMN_TYPE_NUMBER",
            Self::Boolean => "COLUMN_TYPE_BOOLEAN",
            Self::Text => "COLUMN_TYPE_TEXT",
            Self::Date => "COLUMN_TYPE_DATE",
            Self::Timestamp => "COLUMN_TYPE_TIMESTAMP",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for ColumnType {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "COLUMN_TYPE_UNSPECIFIED",
            "COLUMN_TYPE_INTEGER",
            "COLUMN_TYPE_NUMBER",
            "COLUMN_TYPE_BOOLEAN",
            "COLUMN_TYPE_TEXT",
            "COLUMN_TYPE_DATE",
            "COLUMN_TYPE_TIMESTAMP",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = ColumnType;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "COLUMN_TYPE_UNSPECIFIED" => Ok(ColumnType::Unspecified),
                    "COLUMN_TYPE_INTEGER" => Ok(ColumnType::Integer),
                    "COLUMN_TYPE_NUMBER" => Ok(ColumnType::Number),
                    "COLUMN_TYPE_BOOLEAN" => Ok(ColumnType::Boolean),
                    "COLUMN_TYPE_TEXT" => Ok(ColumnType::Text),
                    "COLUMN_TYPE_DATE" => Ok(ColumnType::Date),
                    "COLUMN_TYPE_TIMESTAMP" => Ok(ColumnType::Timestamp),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Constraints {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.max_latency_ms != 0. {
            len += 1;
        }
        if self.max_model_bytes != 0 {
            len += 1;
        }
        if self.interpretable {
            len += 1;
        }
        if self.max_memory_bytes != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Constraints", len)?;
        if self.max_latency_ms != 0. {
            struct_ser.serialize_field("maxLatencyMs", &self.max_latency_ms)?;
        }
        if self.max_model_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("maxModelBytes", ToString::to_string(&self.max_model_bytes).as_str())?;
        }
        if self.interpretable {
            struct_ser.serialize_field("interpretable", &self.interpretable)?;
        }
        if self.max_memory_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("maxMemoryBytes", ToString::to_string(&self.max_memory_bytes).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Constraints {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "max_latency_ms",
            "maxLatencyMs",
            "max_model_bytes",
            "maxModelBytes",
            "interpretable",
            "max_memory_bytes",
            "maxMemoryBytes",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            MaxLatencyMs,
            MaxModelBytes,
            Interpretable,
            MaxMemoryBytes,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "maxLatencyMs" | "max_latency_ms" => Ok(GeneratedField::MaxLatencyMs),
                            "maxModelBytes" | "max_model_bytes" => Ok(GeneratedField::MaxModelBytes),
                            "interpretable" => Ok(GeneratedField::Interpretable),
                            "maxMemoryBytes" | "max_memory_bytes" => Ok(GeneratedField::MaxMemoryBytes),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Constraints;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Constraints")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Constraints, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut max_latency_ms__ = None;
                let mut max_model_bytes__ = None;
                let mut interpretable__ = None;
                let mut max_memory_bytes__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::MaxLatencyMs => {
                            if max_latency_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxLatencyMs"));
                            }
                            max_latency_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MaxModelBytes => {
                            if max_model_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxModelBytes"));
                            }
                            max_model_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Interpretable => {
                            if interpretable__.is_some() {
                                return Err(serde::de::Error::duplicate_field("interpretable"));
                            }
                            interpretable__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MaxMemoryBytes => {
                            if max_memory_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxMemoryBytes"));
                            }
                            max_memory_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Constraints {
                    max_latency_ms: max_latency_ms__.unwrap_or_default(),
                    max_model_bytes: max_model_bytes__.unwrap_or_default(),
                    interpretable: interpretable__.unwrap_or_default(),
                    max_memory_bytes: max_memory_bytes__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Constraints", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ContributionCell {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.value.is_empty() {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        if self.low != 0. {
            len += 1;
        }
        if self.mean != 0. {
            len += 1;
        }
        if self.high != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ContributionCell", len)?;
        if !self.value.is_empty() {
            struct_ser.serialize_field("value", &self.value)?;
        }
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if self.low != 0. {
            struct_ser.serialize_field("low", &self.low)?;
        }
        if self.mean != 0. {
            struct_ser.serialize_field("mean", &self.mean)?;
        }
        if self.high != 0. {
            struct_ser.serialize_field("high", &self.high)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ContributionCell {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "value",
            "rows",
            "low",
            "mean",
            "high",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Value,
            Rows,
            Low,
            Mean,
            High,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "value" => Ok(GeneratedField::Value),
                            "rows" => Ok(GeneratedField::Rows),
                            "low" => Ok(GeneratedField::Low),
                            "mean" => Ok(GeneratedField::Mean),
                            "high" => Ok(GeneratedField::High),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ContributionCell;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ContributionCell")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ContributionCell, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut value__ = None;
                let mut rows__ = None;
                let mut low__ = None;
                let mut mean__ = None;
                let mut high__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Low => {
                            if low__.is_some() {
                                return Err(serde::de::Error::duplicate_field("low"));
                            }
                            low__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Mean => {
                            if mean__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mean"));
                            }
                            mean__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::High => {
                            if high__.is_some() {
                                return Err(serde::de::Error::duplicate_field("high"));
                            }
                            high__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ContributionCell {
                    value: value__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    low: low__.unwrap_or_default(),
                    mean: mean__.unwrap_or_default(),
                    high: high__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ContributionCell", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Criterion {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.metric.is_empty() {
            len += 1;
        }
        if self.threshold != 0. {
            len += 1;
        }
        if self.gate {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Criterion", len)?;
        if !self.metric.is_empty() {
            struct_ser.serialize_field("metric", &self.metric)?;
        }
        if self.threshold != 0. {
            struct_ser.serialize_field("threshold", &self.threshold)?;
        }
        if self.gate {
            struct_ser.serialize_field("gate", &self.gate)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Criterion {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "metric",
            "threshold",
            "gate",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Metric,
            Threshold,
            Gate,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "metric" => Ok(GeneratedField::Metric),
                            "threshold" => Ok(GeneratedField::Threshold),
                            "gate" => Ok(GeneratedField::Gate),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Criterion;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Criterion")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Criterion, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut metric__ = None;
                let mut threshold__ = None;
                let mut gate__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Metric => {
                            if metric__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metric"));
                            }
                            metric__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Threshold => {
                            if threshold__.is_some() {
                                return Err(serde::de::Error::duplicate_field("threshold"));
                            }
                            threshold__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Gate => {
                            if gate__.is_some() {
                                return Err(serde::de::Error::duplicate_field("gate"));
                            }
                            gate__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Criterion {
                    metric: metric__.unwrap_or_default(),
                    threshold: threshold__.unwrap_or_default(),
                    gate: gate__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Criterion", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for CriterionResult {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.criterion.is_some() {
            len += 1;
        }
        if self.value != 0. {
            len += 1;
        }
        if self.met {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.CriterionResult", len)?;
        if let Some(v) = self.criterion.as_ref() {
            struct_ser.serialize_field("criterion", v)?;
        }
        if self.value != 0. {
            struct_ser.serialize_field("value", &self.value)?;
        }
        if self.met {
            struct_ser.serialize_field("met", &self.met)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CriterionResult {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "criterion",
            "value",
            "met",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Criterion,
            Value,
            Met,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "criterion" => Ok(GeneratedField::Criterion),
                            "value" => Ok(GeneratedField::Value),
                            "met" => Ok(GeneratedField::Met),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CriterionResult;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.CriterionResult")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CriterionResult, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut criterion__ = None;
                let mut value__ = None;
                let mut met__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Criterion => {
                            if criterion__.is_some() {
                                return Err(serde::de::Error::duplicate_field("criterion"));
                            }
                            criterion__ = map_.next_value()?;
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Met => {
                            if met__.is_some() {
                                return Err(serde::de::Error::duplicate_field("met"));
                            }
                            met__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(CriterionResult {
                    criterion: criterion__,
                    value: value__.unwrap_or_default(),
                    met: met__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.CriterionResult", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for CsvDialect {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.delimiter.is_empty() {
            len += 1;
        }
        if !self.quote.is_empty() {
            len += 1;
        }
        if !self.decimal.is_empty() {
            len += 1;
        }
        if !self.thousands.is_empty() {
            len += 1;
        }
        if self.no_header {
            len += 1;
        }
        if !self.comment.is_empty() {
            len += 1;
        }
        if self.skip_lines != 0 {
            len += 1;
        }
        if !self.encoding.is_empty() {
            len += 1;
        }
        if !self.date_order.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.CsvDialect", len)?;
        if !self.delimiter.is_empty() {
            struct_ser.serialize_field("delimiter", &self.delimiter)?;
        }
        if !self.quote.is_empty() {
            struct_ser.serialize_field("quote", &self.quote)?;
        }
        if !self.decimal.is_empty() {
            struct_ser.serialize_field("decimal", &self.decimal)?;
        }
        if !self.thousands.is_empty() {
            struct_ser.serialize_field("thousands", &self.thousands)?;
        }
        if self.no_header {
            struct_ser.serialize_field("noHeader", &self.no_header)?;
        }
        if !self.comment.is_empty() {
            struct_ser.serialize_field("comment", &self.comment)?;
        }
        if self.skip_lines != 0 {
            struct_ser.serialize_field("skipLines", &self.skip_lines)?;
        }
        if !self.encoding.is_empty() {
            struct_ser.serialize_field("encoding", &self.encoding)?;
        }
        if !self.date_order.is_empty() {
            struct_ser.serialize_field("dateOrder", &self.date_order)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for CsvDialect {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "delimiter",
            "quote",
            "decimal",
            "thousands",
            "no_header",
            "noHeader",
            "comment",
            "skip_lines",
            "skipLines",
            "encoding",
            "date_order",
            "dateOrder",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Delimiter,
            Quote,
            Decimal,
            Thousands,
            NoHeader,
            Comment,
            SkipLines,
            Encoding,
            DateOrder,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "delimiter" => Ok(GeneratedField::Delimiter),
                            "quote" => Ok(GeneratedField::Quote),
                            "decimal" => Ok(GeneratedField::Decimal),
                            "thousands" => Ok(GeneratedField::Thousands),
                            "noHeader" | "no_header" => Ok(GeneratedField::NoHeader),
                            "comment" => Ok(GeneratedField::Comment),
                            "skipLines" | "skip_lines" => Ok(GeneratedField::SkipLines),
                            "encoding" => Ok(GeneratedField::Encoding),
                            "dateOrder" | "date_order" => Ok(GeneratedField::DateOrder),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = CsvDialect;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.CsvDialect")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<CsvDialect, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut delimiter__ = None;
                let mut quote__ = None;
                let mut decimal__ = None;
                let mut thousands__ = None;
                let mut no_header__ = None;
                let mut comment__ = None;
                let mut skip_lines__ = None;
                let mut encoding__ = None;
                let mut date_order__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Delimiter => {
                            if delimiter__.is_some() {
                                return Err(serde::de::Error::duplicate_field("delimiter"));
                            }
                            delimiter__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Quote => {
                            if quote__.is_some() {
                                return Err(serde::de::Error::duplicate_field("quote"));
                            }
                            quote__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Decimal => {
                            if decimal__.is_some() {
                                return Err(serde::de::Error::duplicate_field("decimal"));
                            }
                            decimal__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Thousands => {
                            if thousands__.is_some() {
                                return Err(serde::de::Error::duplicate_field("thousands"));
                            }
                            thousands__ = Some(map_.next_value()?);
                        }
                        GeneratedField::NoHeader => {
                            if no_header__.is_some() {
                                return Err(serde::de::Error::duplicate_field("noHeader"));
                            }
                            no_header__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Comment => {
                            if comment__.is_some() {
                                return Err(serde::de::Error::duplicate_field("comment"));
                            }
                            comment__ = Some(map_.next_value()?);
                        }
                        GeneratedField::SkipLines => {
                            if skip_lines__.is_some() {
                                return Err(serde::de::Error::duplicate_field("skipLines"));
                            }
                            skip_lines__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Encoding => {
                            if encoding__.is_some() {
                                return Err(serde::de::Error::duplicate_field("encoding"));
                            }
                            encoding__ = Some(map_.next_value()?);
                        }
                        GeneratedField::DateOrder => {
                            if date_order__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dateOrder"));
                            }
                            date_order__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(CsvDialect {
                    delimiter: delimiter__.unwrap_or_default(),
                    quote: quote__.unwrap_or_default(),
                    decimal: decimal__.unwrap_or_default(),
                    thousands: thousands__.unwrap_or_default(),
                    no_header: no_header__.unwrap_or_default(),
                    comment: comment__.unwrap_or_default(),
                    skip_lines: skip_lines__.unwrap_or_default(),
                    encoding: encoding__.unwrap_or_default(),
                    date_order: date_order__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.CsvDialect", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DataChecks {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.suite_uri.is_empty() {
            len += 1;
        }
        if !self.suite.is_empty() {
            len += 1;
        }
        if !self.rules.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.DataChecks", len)?;
        if !self.suite_uri.is_empty() {
            struct_ser.serialize_field("suiteUri", &self.suite_uri)?;
        }
        if !self.suite.is_empty() {
            struct_ser.serialize_field("suite", &self.suite)?;
        }
        if !self.rules.is_empty() {
            struct_ser.serialize_field("rules", &self.rules)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for DataChecks {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "suite_uri",
            "suiteUri",
            "suite",
            "rules",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            SuiteUri,
            Suite,
            Rules,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "suiteUri" | "suite_uri" => Ok(GeneratedField::SuiteUri),
                            "suite" => Ok(GeneratedField::Suite),
                            "rules" => Ok(GeneratedField::Rules),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = DataChecks;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.DataChecks")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<DataChecks, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut suite_uri__ = None;
                let mut suite__ = None;
                let mut rules__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::SuiteUri => {
                            if suite_uri__.is_some() {
                                return Err(serde::de::Error::duplicate_field("suiteUri"));
                            }
                            suite_uri__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Suite => {
                            if suite__.is_some() {
                                return Err(serde::de::Error::duplicate_field("suite"));
                            }
                            suite__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rules => {
                            if rules__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rules"));
                            }
                            rules__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(DataChecks {
                    suite_uri: suite_uri__.unwrap_or_default(),
                    suite: suite__.unwrap_or_default(),
                    rules: rules__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.DataChecks", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DataFormat {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "DATA_FORMAT_UNSPECIFIED",
            Self::Csv => "DATA_FORMAT_CSV",
            Self::Parquet => "DATA_FORMAT_PARQUET",
            Self::JsonLines => "DATA_FORMAT_JSON_LINES",
            Self::ArrowIpc => "DATA_FORMAT_ARROW_IPC",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for DataFormat {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "DATA_FORMAT_UNSPECIFIED",
            "DATA_FORMAT_CSV",
            "DATA_FORMAT_PARQUET",
            "DATA_FORMAT_JSON_LINES",
            "DATA_FORMAT_ARROW_IPC",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = DataFormat;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "DATA_FORMAT_UNSPECIFIED" => Ok(DataFormat::Unspecified),
                    "DATA_FORMAT_CSV" => Ok(DataFormat::Csv),
                    "DATA_FORMAT_PARQUET" => Ok(DataFormat::Parquet),
                    "DATA_FORMAT_JSON_LINES" => Ok(DataFormat::JsonLines),
                    "DATA_FORMAT_ARROW_IPC" => Ok(DataFormat::ArrowIpc),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for DataSource {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.uri.is_empty() {
            len += 1;
        }
        if self.format != 0 {
            len += 1;
        }
        if !self.missing_markers.is_empty() {
            len += 1;
        }
        if self.csv.is_some() {
            len += 1;
        }
        if !self.query.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.DataSource", len)?;
        if !self.uri.is_empty() {
            struct_ser.serialize_field("uri", &self.uri)?;
        }
        if self.format != 0 {
            let v = DataFormat::try_from(self.format)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.format)))?;
            struct_ser.serialize_field("format", &v)?;
        }
        if !self.missing_markers.is_empty() {
            struct_ser.serialize_field("missingMarkers", &self.missing_markers)?;
        }
        if let Some(v) = self.csv.as_ref() {
            struct_ser.serialize_field("csv", v)?;
        }
        if !self.query.is_empty() {
            struct_ser.serialize_field("query", &self.query)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for DataSource {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "uri",
            "format",
            "missing_markers",
            "missingMarkers",
            "csv",
            "query",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Uri,
            Format,
            MissingMarkers,
            Csv,
            Query,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "uri" => Ok(GeneratedField::Uri),
                            "format" => Ok(GeneratedField::Format),
                            "missingMarkers" | "missing_markers" => Ok(GeneratedField::MissingMarkers),
                            "csv" => Ok(GeneratedField::Csv),
                            "query" => Ok(GeneratedField::Query),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = DataSource;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.DataSource")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<DataSource, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut uri__ = None;
                let mut format__ = None;
                let mut missing_markers__ = None;
                let mut csv__ = None;
                let mut query__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Uri => {
                            if uri__.is_some() {
                                return Err(serde::de::Error::duplicate_field("uri"));
                            }
                            uri__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Format => {
                            if format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("format"));
                            }
                            format__ = Some(map_.next_value::<DataFormat>()? as i32);
                        }
                        GeneratedField::MissingMarkers => {
                            if missing_markers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("missingMarkers"));
                            }
                            missing_markers__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Csv => {
                            if csv__.is_some() {
                                return Err(serde::de::Error::duplicate_field("csv"));
                            }
                            csv__ = map_.next_value()?;
                        }
                        GeneratedField::Query => {
                            if query__.is_some() {
                                return Err(serde::de::Error::duplicate_field("query"));
                            }
                            query__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(DataSource {
                    uri: uri__.unwrap_or_default(),
                    format: format__.unwrap_or_default(),
                    missing_markers: missing_markers__.unwrap_or_default(),
                    csv: csv__,
                    query: query__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.DataSource", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DeadLetter {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if !self.agent.is_empty() {
            len += 1;
        }
        if !self.subject.is_empty() {
            len += 1;
        }
        if !self.payload.is_empty() {
            len += 1;
        }
        if !self.headers.is_empty() {
            len += 1;
        }
        if self.reason.is_some() {
            len += 1;
        }
        if self.deliveries != 0 {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if self.truncated {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.DeadLetter", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if !self.agent.is_empty() {
            struct_ser.serialize_field("agent", &self.agent)?;
        }
        if !self.subject.is_empty() {
            struct_ser.serialize_field("subject", &self.subject)?;
        }
        if !self.payload.is_empty() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("payload", pbjson::private::base64::encode(&self.payload).as_str())?;
        }
        if !self.headers.is_empty() {
            struct_ser.serialize_field("headers", &self.headers)?;
        }
        if let Some(v) = self.reason.as_ref() {
            struct_ser.serialize_field("reason", v)?;
        }
        if self.deliveries != 0 {
            struct_ser.serialize_field("deliveries", &self.deliveries)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if self.truncated {
            struct_ser.serialize_field("truncated", &self.truncated)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for DeadLetter {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "agent",
            "subject",
            "payload",
            "headers",
            "reason",
            "deliveries",
            "at",
            "truncated",
            "run_id",
            "runId",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Agent,
            Subject,
            Payload,
            Headers,
            Reason,
            Deliveries,
            At,
            Truncated,
            RunId,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "agent" => Ok(GeneratedField::Agent),
                            "subject" => Ok(GeneratedField::Subject),
                            "payload" => Ok(GeneratedField::Payload),
                            "headers" => Ok(GeneratedField::Headers),
                            "reason" => Ok(GeneratedField::Reason),
                            "deliveries" => Ok(GeneratedField::Deliveries),
                            "at" => Ok(GeneratedField::At),
                            "truncated" => Ok(GeneratedField::Truncated),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = DeadLetter;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.DeadLetter")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<DeadLetter, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut agent__ = None;
                let mut subject__ = None;
                let mut payload__ = None;
                let mut headers__ = None;
                let mut reason__ = None;
                let mut deliveries__ = None;
                let mut at__ = None;
                let mut truncated__ = None;
                let mut run_id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Agent => {
                            if agent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("agent"));
                            }
                            agent__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Subject => {
                            if subject__.is_some() {
                                return Err(serde::de::Error::duplicate_field("subject"));
                            }
                            subject__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Payload => {
                            if payload__.is_some() {
                                return Err(serde::de::Error::duplicate_field("payload"));
                            }
                            payload__ = 
                                Some(map_.next_value::<::pbjson::private::BytesDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Headers => {
                            if headers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("headers"));
                            }
                            headers__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = map_.next_value()?;
                        }
                        GeneratedField::Deliveries => {
                            if deliveries__.is_some() {
                                return Err(serde::de::Error::duplicate_field("deliveries"));
                            }
                            deliveries__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::Truncated => {
                            if truncated__.is_some() {
                                return Err(serde::de::Error::duplicate_field("truncated"));
                            }
                            truncated__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(DeadLetter {
                    id: id__.unwrap_or_default(),
                    agent: agent__.unwrap_or_default(),
                    subject: subject__.unwrap_or_default(),
                    payload: payload__.unwrap_or_default(),
                    headers: headers__.unwrap_or_default(),
                    reason: reason__,
                    deliveries: deliveries__.unwrap_or_default(),
                    at: at__,
                    truncated: truncated__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.DeadLetter", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DeployedVersion {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.model.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if self.bundle.is_some() {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.DeployedVersion", len)?;
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if let Some(v) = self.bundle.as_ref() {
            struct_ser.serialize_field("bundle", v)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for DeployedVersion {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "model",
            "version",
            "bundle",
            "run_id",
            "runId",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Model,
            Version,
            Bundle,
            RunId,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "model" => Ok(GeneratedField::Model),
                            "version" => Ok(GeneratedField::Version),
                            "bundle" => Ok(GeneratedField::Bundle),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = DeployedVersion;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.DeployedVersion")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<DeployedVersion, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut model__ = None;
                let mut version__ = None;
                let mut bundle__ = None;
                let mut run_id__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bundle => {
                            if bundle__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bundle"));
                            }
                            bundle__ = map_.next_value()?;
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(DeployedVersion {
                    model: model__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    bundle: bundle__,
                    run_id: run_id__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.DeployedVersion", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Deployment {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if !self.model.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if !self.digest.is_empty() {
            len += 1;
        }
        if self.previous_version != 0 {
            len += 1;
        }
        if self.strategy != 0 {
            len += 1;
        }
        if !self.url.is_empty() {
            len += 1;
        }
        if self.record_revision != 0 {
            len += 1;
        }
        if self.checked_rows != 0 {
            len += 1;
        }
        if self.max_difference != 0. {
            len += 1;
        }
        if !self.servers.is_empty() {
            len += 1;
        }
        if self.stage != 0 {
            len += 1;
        }
        if !self.verdicts.is_empty() {
            len += 1;
        }
        if !self.shares.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Deployment", len)?;
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.digest.is_empty() {
            struct_ser.serialize_field("digest", &self.digest)?;
        }
        if self.previous_version != 0 {
            struct_ser.serialize_field("previousVersion", &self.previous_version)?;
        }
        if self.strategy != 0 {
            let v = DeploymentStrategy::try_from(self.strategy)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.strategy)))?;
            struct_ser.serialize_field("strategy", &v)?;
        }
        if !self.url.is_empty() {
            struct_ser.serialize_field("url", &self.url)?;
        }
        if self.record_revision != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("recordRevision", ToString::to_string(&self.record_revision).as_str())?;
        }
        if self.checked_rows != 0 {
            struct_ser.serialize_field("checkedRows", &self.checked_rows)?;
        }
        if self.max_difference != 0. {
            struct_ser.serialize_field("maxDifference", &self.max_difference)?;
        }
        if !self.servers.is_empty() {
            struct_ser.serialize_field("servers", &self.servers)?;
        }
        if self.stage != 0 {
            let v = ModelStage::try_from(self.stage)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.stage)))?;
            struct_ser.serialize_field("stage", &v)?;
        }
        if !self.verdicts.is_empty() {
            struct_ser.serialize_field("verdicts", &self.verdicts)?;
        }
        if !self.shares.is_empty() {
            struct_ser.serialize_field("shares", &self.shares)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Deployment {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "endpoint",
            "model",
            "version",
            "digest",
            "previous_version",
            "previousVersion",
            "strategy",
            "url",
            "record_revision",
            "recordRevision",
            "checked_rows",
            "checkedRows",
            "max_difference",
            "maxDifference",
            "servers",
            "stage",
            "verdicts",
            "shares",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Endpoint,
            Model,
            Version,
            Digest,
            PreviousVersion,
            Strategy,
            Url,
            RecordRevision,
            CheckedRows,
            MaxDifference,
            Servers,
            Stage,
            Verdicts,
            Shares,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "model" => Ok(GeneratedField::Model),
                            "version" => Ok(GeneratedField::Version),
                            "digest" => Ok(GeneratedField::Digest),
                            "previousVersion" | "previous_version" => Ok(GeneratedField::PreviousVersion),
                            "strategy" => Ok(GeneratedField::Strategy),
                            "url" => Ok(GeneratedField::Url),
                            "recordRevision" | "record_revision" => Ok(GeneratedField::RecordRevision),
                            "checkedRows" | "checked_rows" => Ok(GeneratedField::CheckedRows),
                            "maxDifference" | "max_difference" => Ok(GeneratedField::MaxDifference),
                            "servers" => Ok(GeneratedField::Servers),
                            "stage" => Ok(GeneratedField::Stage),
                            "verdicts" => Ok(GeneratedField::Verdicts),
                            "shares" => Ok(GeneratedField::Shares),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Deployment;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Deployment")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Deployment, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut endpoint__ = None;
                let mut model__ = None;
                let mut version__ = None;
                let mut digest__ = None;
                let mut previous_version__ = None;
                let mut strategy__ = None;
                let mut url__ = None;
                let mut record_revision__ = None;
                let mut checked_rows__ = None;
                let mut max_difference__ = None;
                let mut servers__ = None;
                let mut stage__ = None;
                let mut verdicts__ = None;
                let mut shares__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Digest => {
                            if digest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("digest"));
                            }
                            digest__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PreviousVersion => {
                            if previous_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("previousVersion"));
                            }
                            previous_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Strategy => {
                            if strategy__.is_some() {
                                return Err(serde::de::Error::duplicate_field("strategy"));
                            }
                            strategy__ = Some(map_.next_value::<DeploymentStrategy>()? as i32);
                        }
                        GeneratedField::Url => {
                            if url__.is_some() {
                                return Err(serde::de::Error::duplicate_field("url"));
                            }
                            url__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RecordRevision => {
                            if record_revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("recordRevision"));
                            }
                            record_revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::CheckedRows => {
                            if checked_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("checkedRows"));
                            }
                            checked_rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MaxDifference => {
                            if max_difference__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxDifference"));
                            }
                            max_difference__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Servers => {
                            if servers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("servers"));
                            }
                            servers__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Stage => {
                            if stage__.is_some() {
                                return Err(serde::de::Error::duplicate_field("stage"));
                            }
                            stage__ = Some(map_.next_value::<ModelStage>()? as i32);
                        }
                        GeneratedField::Verdicts => {
                            if verdicts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("verdicts"));
                            }
                            verdicts__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Shares => {
                            if shares__.is_some() {
                                return Err(serde::de::Error::duplicate_field("shares"));
                            }
                            shares__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Deployment {
                    endpoint: endpoint__.unwrap_or_default(),
                    model: model__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    digest: digest__.unwrap_or_default(),
                    previous_version: previous_version__.unwrap_or_default(),
                    strategy: strategy__.unwrap_or_default(),
                    url: url__.unwrap_or_default(),
                    record_revision: record_revision__.unwrap_or_default(),
                    checked_rows: checked_rows__.unwrap_or_default(),
                    max_difference: max_difference__.unwrap_or_default(),
                    servers: servers__.unwrap_or_default(),
                    stage: stage__.unwrap_or_default(),
                    verdicts: verdicts__.unwrap_or_default(),
                    shares: shares__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Deployment", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DeploymentRecord {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if self.live.is_some() {
            len += 1;
        }
        if self.green.is_some() {
            len += 1;
        }
        if self.previous.is_some() {
            len += 1;
        }
        if self.updated_at.is_some() {
            len += 1;
        }
        if !self.updated_by.is_empty() {
            len += 1;
        }
        if !self.members.is_empty() {
            len += 1;
        }
        if self.routing.is_some() {
            len += 1;
        }
        if self.rollout.is_some() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        if !self.earlier_inputs.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.DeploymentRecord", len)?;
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if let Some(v) = self.live.as_ref() {
            struct_ser.serialize_field("live", v)?;
        }
        if let Some(v) = self.green.as_ref() {
            struct_ser.serialize_field("green", v)?;
        }
        if let Some(v) = self.previous.as_ref() {
            struct_ser.serialize_field("previous", v)?;
        }
        if let Some(v) = self.updated_at.as_ref() {
            struct_ser.serialize_field("updatedAt", v)?;
        }
        if !self.updated_by.is_empty() {
            struct_ser.serialize_field("updatedBy", &self.updated_by)?;
        }
        if !self.members.is_empty() {
            struct_ser.serialize_field("members", &self.members)?;
        }
        if let Some(v) = self.routing.as_ref() {
            struct_ser.serialize_field("routing", v)?;
        }
        if let Some(v) = self.rollout.as_ref() {
            struct_ser.serialize_field("rollout", v)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if !self.earlier_inputs.is_empty() {
            struct_ser.serialize_field("earlierInputs", &self.earlier_inputs)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for DeploymentRecord {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "endpoint",
            "live",
            "green",
            "previous",
            "updated_at",
            "updatedAt",
            "updated_by",
            "updatedBy",
            "members",
            "routing",
            "rollout",
            "reason",
            "earlier_inputs",
            "earlierInputs",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Endpoint,
            Live,
            Green,
            Previous,
            UpdatedAt,
            UpdatedBy,
            Members,
            Routing,
            Rollout,
            Reason,
            EarlierInputs,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "live" => Ok(GeneratedField::Live),
                            "green" => Ok(GeneratedField::Green),
                            "previous" => Ok(GeneratedField::Previous),
                            "updatedAt" | "updated_at" => Ok(GeneratedField::UpdatedAt),
                            "updatedBy" | "updated_by" => Ok(GeneratedField::UpdatedBy),
                            "members" => Ok(GeneratedField::Members),
                            "routing" => Ok(GeneratedField::Routing),
                            "rollout" => Ok(GeneratedField::Rollout),
                            "reason" => Ok(GeneratedField::Reason),
                            "earlierInputs" | "earlier_inputs" => Ok(GeneratedField::EarlierInputs),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = DeploymentRecord;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.DeploymentRecord")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<DeploymentRecord, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut endpoint__ = None;
                let mut live__ = None;
                let mut green__ = None;
                let mut previous__ = None;
                let mut updated_at__ = None;
                let mut updated_by__ = None;
                let mut members__ = None;
                let mut routing__ = None;
                let mut rollout__ = None;
                let mut reason__ = None;
                let mut earlier_inputs__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Live => {
                            if live__.is_some() {
                                return Err(serde::de::Error::duplicate_field("live"));
                            }
                            live__ = map_.next_value()?;
                        }
                        GeneratedField::Green => {
                            if green__.is_some() {
                                return Err(serde::de::Error::duplicate_field("green"));
                            }
                            green__ = map_.next_value()?;
                        }
                        GeneratedField::Previous => {
                            if previous__.is_some() {
                                return Err(serde::de::Error::duplicate_field("previous"));
                            }
                            previous__ = map_.next_value()?;
                        }
                        GeneratedField::UpdatedAt => {
                            if updated_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("updatedAt"));
                            }
                            updated_at__ = map_.next_value()?;
                        }
                        GeneratedField::UpdatedBy => {
                            if updated_by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("updatedBy"));
                            }
                            updated_by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Members => {
                            if members__.is_some() {
                                return Err(serde::de::Error::duplicate_field("members"));
                            }
                            members__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Routing => {
                            if routing__.is_some() {
                                return Err(serde::de::Error::duplicate_field("routing"));
                            }
                            routing__ = map_.next_value()?;
                        }
                        GeneratedField::Rollout => {
                            if rollout__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rollout"));
                            }
                            rollout__ = map_.next_value()?;
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                        GeneratedField::EarlierInputs => {
                            if earlier_inputs__.is_some() {
                                return Err(serde::de::Error::duplicate_field("earlierInputs"));
                            }
                            earlier_inputs__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(DeploymentRecord {
                    endpoint: endpoint__.unwrap_or_default(),
                    live: live__,
                    green: green__,
                    previous: previous__,
                    updated_at: updated_at__,
                    updated_by: updated_by__.unwrap_or_default(),
                    members: members__.unwrap_or_default(),
                    routing: routing__,
                    rollout: rollout__,
                    reason: reason__.unwrap_or_default(),
                    earlier_inputs: earlier_inputs__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.DeploymentRecord", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DeploymentStrategy {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "DEPLOYMENT_STRATEGY_UNSPECIFIED",
            Self::BlueGreen => "DEPLOYMENT_STRATEGY_BLUE_GREEN",
            Self::Canary => "DEPLOYMENT_STRATEGY_CANARY",
            Self::Shadow => "DEPLOYMENT_STRATEGY_SHADOW",
            Self::AbTest => "DEPLOYMENT_STRATEGY_AB_TEST",
            Self::ChampionChallenger => "DEPLOYMENT_STRATEGY_CHAMPION_CHALLENGER",
            Self::Weighted => "DEPLOYMENT_STRATEGY_WEIGHTED",
            Self::Ensemble => "DEPLOYMENT_STRATEGY_ENSEMBLE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for DeploymentStrategy {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "DEPLOYMENT_STRATEGY_UNSPECIFIED",
            "DEPLOYMENT_STRATEGY_BLUE_GREEN",
            "DEPLOYMENT_STRATEGY_CANARY",
            "DEPLOYMENT_STRATEGY_SHADOW",
            "DEPLOYMENT_STRATEGY_AB_TEST",
            "DEPLOYMENT_STRATEGY_CHAMPION_CHALLENGER",
            "DEPLOYMENT_STRATEGY_WEIGHTED",
            "DEPLOYMENT_STRATEGY_ENSEMBLE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = DeploymentStrategy;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "DEPLOYMENT_STRATEGY_UNSPECIFIED" => Ok(DeploymentStrategy::Unspecified),
                    "DEPLOYMENT_STRATEGY_BLUE_GREEN" => Ok(DeploymentStrategy::BlueGreen),
                    "DEPLOYMENT_STRATEGY_CANARY" => Ok(DeploymentStrategy::Canary),
                    "DEPLOYMENT_STRATEGY_SHADOW" => Ok(DeploymentStrategy::Shadow),
                    "DEPLOYMENT_STRATEGY_AB_TEST" => Ok(DeploymentStrategy::AbTest),
                    "DEPLOYMENT_STRATEGY_CHAMPION_CHALLENGER" => Ok(DeploymentStrategy::ChampionChallenger),
                    "DEPLOYMENT_STRATEGY_WEIGHTED" => Ok(DeploymentStrategy::Weighted),
                    "DEPLOYMENT_STRATEGY_ENSEMBLE" => Ok(DeploymentStrategy::Ensemble),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for EffectPoint {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.value.is_empty() {
            len += 1;
        }
        if self.output != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.EffectPoint", len)?;
        if !self.value.is_empty() {
            struct_ser.serialize_field("value", &self.value)?;
        }
        if self.output != 0. {
            struct_ser.serialize_field("output", &self.output)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for EffectPoint {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "value",
            "output",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Value,
            Output,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "value" => Ok(GeneratedField::Value),
                            "output" => Ok(GeneratedField::Output),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = EffectPoint;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.EffectPoint")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<EffectPoint, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut value__ = None;
                let mut output__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Output => {
                            if output__.is_some() {
                                return Err(serde::de::Error::duplicate_field("output"));
                            }
                            output__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(EffectPoint {
                    value: value__.unwrap_or_default(),
                    output: output__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.EffectPoint", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for EnsembleMember {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.trial != 0 {
            len += 1;
        }
        if !self.algorithm.is_empty() {
            len += 1;
        }
        if self.weight != 0. {
            len += 1;
        }
        if self.models != 0 {
            len += 1;
        }
        if self.trained_rows != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.EnsembleMember", len)?;
        if self.trial != 0 {
            struct_ser.serialize_field("trial", &self.trial)?;
        }
        if !self.algorithm.is_empty() {
            struct_ser.serialize_field("algorithm", &self.algorithm)?;
        }
        if self.weight != 0. {
            struct_ser.serialize_field("weight", &self.weight)?;
        }
        if self.models != 0 {
            struct_ser.serialize_field("models", &self.models)?;
        }
        if self.trained_rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("trainedRows", ToString::to_string(&self.trained_rows).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for EnsembleMember {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "trial",
            "algorithm",
            "weight",
            "models",
            "trained_rows",
            "trainedRows",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Trial,
            Algorithm,
            Weight,
            Models,
            TrainedRows,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "trial" => Ok(GeneratedField::Trial),
                            "algorithm" => Ok(GeneratedField::Algorithm),
                            "weight" => Ok(GeneratedField::Weight),
                            "models" => Ok(GeneratedField::Models),
                            "trainedRows" | "trained_rows" => Ok(GeneratedField::TrainedRows),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = EnsembleMember;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.EnsembleMember")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<EnsembleMember, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut trial__ = None;
                let mut algorithm__ = None;
                let mut weight__ = None;
                let mut models__ = None;
                let mut trained_rows__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Trial => {
                            if trial__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trial"));
                            }
                            trial__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Algorithm => {
                            if algorithm__.is_some() {
                                return Err(serde::de::Error::duplicate_field("algorithm"));
                            }
                            algorithm__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Weight => {
                            if weight__.is_some() {
                                return Err(serde::de::Error::duplicate_field("weight"));
                            }
                            weight__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Models => {
                            if models__.is_some() {
                                return Err(serde::de::Error::duplicate_field("models"));
                            }
                            models__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::TrainedRows => {
                            if trained_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trainedRows"));
                            }
                            trained_rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(EnsembleMember {
                    trial: trial__.unwrap_or_default(),
                    algorithm: algorithm__.unwrap_or_default(),
                    weight: weight__.unwrap_or_default(),
                    models: models__.unwrap_or_default(),
                    trained_rows: trained_rows__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.EnsembleMember", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for EnsembleMethod {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ENSEMBLE_METHOD_UNSPECIFIED",
            Self::Mean => "ENSEMBLE_METHOD_MEAN",
            Self::Stacked => "ENSEMBLE_METHOD_STACKED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for EnsembleMethod {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ENSEMBLE_METHOD_UNSPECIFIED",
            "ENSEMBLE_METHOD_MEAN",
            "ENSEMBLE_METHOD_STACKED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = EnsembleMethod;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ENSEMBLE_METHOD_UNSPECIFIED" => Ok(EnsembleMethod::Unspecified),
                    "ENSEMBLE_METHOD_MEAN" => Ok(EnsembleMethod::Mean),
                    "ENSEMBLE_METHOD_STACKED" => Ok(EnsembleMethod::Stacked),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for EventColumn {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.name.is_empty() {
            len += 1;
        }
        if !self.numbers.is_empty() {
            len += 1;
        }
        if !self.texts.is_empty() {
            len += 1;
        }
        if !self.missing.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.EventColumn", len)?;
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if !self.numbers.is_empty() {
            struct_ser.serialize_field("numbers", &self.numbers)?;
        }
        if !self.texts.is_empty() {
            struct_ser.serialize_field("texts", &self.texts)?;
        }
        if !self.missing.is_empty() {
            struct_ser.serialize_field("missing", &self.missing)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for EventColumn {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "numbers",
            "texts",
            "missing",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Numbers,
            Texts,
            Missing,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "numbers" => Ok(GeneratedField::Numbers),
                            "texts" => Ok(GeneratedField::Texts),
                            "missing" => Ok(GeneratedField::Missing),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = EventColumn;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.EventColumn")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<EventColumn, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut numbers__ = None;
                let mut texts__ = None;
                let mut missing__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Numbers => {
                            if numbers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("numbers"));
                            }
                            numbers__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                        GeneratedField::Texts => {
                            if texts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("texts"));
                            }
                            texts__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Missing => {
                            if missing__.is_some() {
                                return Err(serde::de::Error::duplicate_field("missing"));
                            }
                            missing__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                    }
                }
                Ok(EventColumn {
                    name: name__.unwrap_or_default(),
                    numbers: numbers__.unwrap_or_default(),
                    texts: texts__.unwrap_or_default(),
                    missing: missing__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.EventColumn", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ExcludedColumn {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.column.is_empty() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ExcludedColumn", len)?;
        if !self.column.is_empty() {
            struct_ser.serialize_field("column", &self.column)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ExcludedColumn {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "column",
            "reason",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Column,
            Reason,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "column" => Ok(GeneratedField::Column),
                            "reason" => Ok(GeneratedField::Reason),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ExcludedColumn;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ExcludedColumn")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ExcludedColumn, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut column__ = None;
                let mut reason__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Column => {
                            if column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("column"));
                            }
                            column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ExcludedColumn {
                    column: column__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ExcludedColumn", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Explanation {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.rows != 0 {
            len += 1;
        }
        if !self.effects.is_empty() {
            len += 1;
        }
        if !self.interactions.is_empty() {
            len += 1;
        }
        if !self.segments.is_empty() {
            len += 1;
        }
        if !self.summary.is_empty() {
            len += 1;
        }
        if !self.contributions.is_empty() {
            len += 1;
        }
        if self.contribution_rows != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Explanation", len)?;
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if !self.effects.is_empty() {
            struct_ser.serialize_field("effects", &self.effects)?;
        }
        if !self.interactions.is_empty() {
            struct_ser.serialize_field("interactions", &self.interactions)?;
        }
        if !self.segments.is_empty() {
            struct_ser.serialize_field("segments", &self.segments)?;
        }
        if !self.summary.is_empty() {
            struct_ser.serialize_field("summary", &self.summary)?;
        }
        if !self.contributions.is_empty() {
            struct_ser.serialize_field("contributions", &self.contributions)?;
        }
        if self.contribution_rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("contributionRows", ToString::to_string(&self.contribution_rows).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Explanation {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "rows",
            "effects",
            "interactions",
            "segments",
            "summary",
            "contributions",
            "contribution_rows",
            "contributionRows",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Rows,
            Effects,
            Interactions,
            Segments,
            Summary,
            Contributions,
            ContributionRows,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "rows" => Ok(GeneratedField::Rows),
                            "effects" => Ok(GeneratedField::Effects),
                            "interactions" => Ok(GeneratedField::Interactions),
                            "segments" => Ok(GeneratedField::Segments),
                            "summary" => Ok(GeneratedField::Summary),
                            "contributions" => Ok(GeneratedField::Contributions),
                            "contributionRows" | "contribution_rows" => Ok(GeneratedField::ContributionRows),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Explanation;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Explanation")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Explanation, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut rows__ = None;
                let mut effects__ = None;
                let mut interactions__ = None;
                let mut segments__ = None;
                let mut summary__ = None;
                let mut contributions__ = None;
                let mut contribution_rows__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Effects => {
                            if effects__.is_some() {
                                return Err(serde::de::Error::duplicate_field("effects"));
                            }
                            effects__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Interactions => {
                            if interactions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("interactions"));
                            }
                            interactions__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Segments => {
                            if segments__.is_some() {
                                return Err(serde::de::Error::duplicate_field("segments"));
                            }
                            segments__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Summary => {
                            if summary__.is_some() {
                                return Err(serde::de::Error::duplicate_field("summary"));
                            }
                            summary__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Contributions => {
                            if contributions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("contributions"));
                            }
                            contributions__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ContributionRows => {
                            if contribution_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("contributionRows"));
                            }
                            contribution_rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Explanation {
                    rows: rows__.unwrap_or_default(),
                    effects: effects__.unwrap_or_default(),
                    interactions: interactions__.unwrap_or_default(),
                    segments: segments__.unwrap_or_default(),
                    summary: summary__.unwrap_or_default(),
                    contributions: contributions__.unwrap_or_default(),
                    contribution_rows: contribution_rows__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Explanation", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Failure {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.code.is_empty() {
            len += 1;
        }
        if !self.message.is_empty() {
            len += 1;
        }
        if !self.subject.is_empty() {
            len += 1;
        }
        if !self.suggestions.is_empty() {
            len += 1;
        }
        if !self.agent.is_empty() {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Failure", len)?;
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        if !self.message.is_empty() {
            struct_ser.serialize_field("message", &self.message)?;
        }
        if !self.subject.is_empty() {
            struct_ser.serialize_field("subject", &self.subject)?;
        }
        if !self.suggestions.is_empty() {
            struct_ser.serialize_field("suggestions", &self.suggestions)?;
        }
        if !self.agent.is_empty() {
            struct_ser.serialize_field("agent", &self.agent)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Failure {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "code",
            "message",
            "subject",
            "suggestions",
            "agent",
            "at",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Code,
            Message,
            Subject,
            Suggestions,
            Agent,
            At,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "code" => Ok(GeneratedField::Code),
                            "message" => Ok(GeneratedField::Message),
                            "subject" => Ok(GeneratedField::Subject),
                            "suggestions" => Ok(GeneratedField::Suggestions),
                            "agent" => Ok(GeneratedField::Agent),
                            "at" => Ok(GeneratedField::At),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Failure;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Failure")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Failure, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut code__ = None;
                let mut message__ = None;
                let mut subject__ = None;
                let mut suggestions__ = None;
                let mut agent__ = None;
                let mut at__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Subject => {
                            if subject__.is_some() {
                                return Err(serde::de::Error::duplicate_field("subject"));
                            }
                            subject__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Suggestions => {
                            if suggestions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("suggestions"));
                            }
                            suggestions__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Agent => {
                            if agent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("agent"));
                            }
                            agent__ = Some(map_.next_value()?);
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Failure {
                    code: code__.unwrap_or_default(),
                    message: message__.unwrap_or_default(),
                    subject: subject__.unwrap_or_default(),
                    suggestions: suggestions__.unwrap_or_default(),
                    agent: agent__.unwrap_or_default(),
                    at: at__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Failure", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for FeatureSet {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.plan.is_some() {
            len += 1;
        }
        if !self.features.is_empty() {
            len += 1;
        }
        if !self.rejected.is_empty() {
            len += 1;
        }
        if self.validation_gain != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.FeatureSet", len)?;
        if let Some(v) = self.plan.as_ref() {
            struct_ser.serialize_field("plan", v)?;
        }
        if !self.features.is_empty() {
            struct_ser.serialize_field("features", &self.features)?;
        }
        if !self.rejected.is_empty() {
            struct_ser.serialize_field("rejected", &self.rejected)?;
        }
        if self.validation_gain != 0. {
            struct_ser.serialize_field("validationGain", &self.validation_gain)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for FeatureSet {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "plan",
            "features",
            "rejected",
            "validation_gain",
            "validationGain",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Plan,
            Features,
            Rejected,
            ValidationGain,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "plan" => Ok(GeneratedField::Plan),
                            "features" => Ok(GeneratedField::Features),
                            "rejected" => Ok(GeneratedField::Rejected),
                            "validationGain" | "validation_gain" => Ok(GeneratedField::ValidationGain),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = FeatureSet;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.FeatureSet")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<FeatureSet, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut plan__ = None;
                let mut features__ = None;
                let mut rejected__ = None;
                let mut validation_gain__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Plan => {
                            if plan__.is_some() {
                                return Err(serde::de::Error::duplicate_field("plan"));
                            }
                            plan__ = map_.next_value()?;
                        }
                        GeneratedField::Features => {
                            if features__.is_some() {
                                return Err(serde::de::Error::duplicate_field("features"));
                            }
                            features__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rejected => {
                            if rejected__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rejected"));
                            }
                            rejected__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ValidationGain => {
                            if validation_gain__.is_some() {
                                return Err(serde::de::Error::duplicate_field("validationGain"));
                            }
                            validation_gain__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(FeatureSet {
                    plan: plan__,
                    features: features__.unwrap_or_default(),
                    rejected: rejected__.unwrap_or_default(),
                    validation_gain: validation_gain__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.FeatureSet", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for FeatureSummary {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.name.is_empty() {
            len += 1;
        }
        if !self.sources.is_empty() {
            len += 1;
        }
        if !self.transform.is_empty() {
            len += 1;
        }
        if self.categorical {
            len += 1;
        }
        if self.categories != 0 {
            len += 1;
        }
        if self.relevance != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.FeatureSummary", len)?;
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if !self.sources.is_empty() {
            struct_ser.serialize_field("sources", &self.sources)?;
        }
        if !self.transform.is_empty() {
            struct_ser.serialize_field("transform", &self.transform)?;
        }
        if self.categorical {
            struct_ser.serialize_field("categorical", &self.categorical)?;
        }
        if self.categories != 0 {
            struct_ser.serialize_field("categories", &self.categories)?;
        }
        if self.relevance != 0. {
            struct_ser.serialize_field("relevance", &self.relevance)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for FeatureSummary {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "sources",
            "transform",
            "categorical",
            "categories",
            "relevance",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Sources,
            Transform,
            Categorical,
            Categories,
            Relevance,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "sources" => Ok(GeneratedField::Sources),
                            "transform" => Ok(GeneratedField::Transform),
                            "categorical" => Ok(GeneratedField::Categorical),
                            "categories" => Ok(GeneratedField::Categories),
                            "relevance" => Ok(GeneratedField::Relevance),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = FeatureSummary;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.FeatureSummary")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<FeatureSummary, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut sources__ = None;
                let mut transform__ = None;
                let mut categorical__ = None;
                let mut categories__ = None;
                let mut relevance__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Sources => {
                            if sources__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sources"));
                            }
                            sources__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Transform => {
                            if transform__.is_some() {
                                return Err(serde::de::Error::duplicate_field("transform"));
                            }
                            transform__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Categorical => {
                            if categorical__.is_some() {
                                return Err(serde::de::Error::duplicate_field("categorical"));
                            }
                            categorical__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Categories => {
                            if categories__.is_some() {
                                return Err(serde::de::Error::duplicate_field("categories"));
                            }
                            categories__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Relevance => {
                            if relevance__.is_some() {
                                return Err(serde::de::Error::duplicate_field("relevance"));
                            }
                            relevance__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(FeatureSummary {
                    name: name__.unwrap_or_default(),
                    sources: sources__.unwrap_or_default(),
                    transform: transform__.unwrap_or_default(),
                    categorical: categorical__.unwrap_or_default(),
                    categories: categories__.unwrap_or_default(),
                    relevance: relevance__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.FeatureSummary", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Feedback {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.feedback_id.is_empty() {
            len += 1;
        }
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if !self.request_id.is_empty() {
            len += 1;
        }
        if !self.outcomes.is_empty() {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if !self.entity_id.is_empty() {
            len += 1;
        }
        if self.observed_at.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Feedback", len)?;
        if !self.feedback_id.is_empty() {
            struct_ser.serialize_field("feedbackId", &self.feedback_id)?;
        }
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if !self.request_id.is_empty() {
            struct_ser.serialize_field("requestId", &self.request_id)?;
        }
        if !self.outcomes.is_empty() {
            struct_ser.serialize_field("outcomes", &self.outcomes)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if !self.entity_id.is_empty() {
            struct_ser.serialize_field("entityId", &self.entity_id)?;
        }
        if let Some(v) = self.observed_at.as_ref() {
            struct_ser.serialize_field("observedAt", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Feedback {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "feedback_id",
            "feedbackId",
            "endpoint",
            "request_id",
            "requestId",
            "outcomes",
            "at",
            "entity_id",
            "entityId",
            "observed_at",
            "observedAt",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            FeedbackId,
            Endpoint,
            RequestId,
            Outcomes,
            At,
            EntityId,
            ObservedAt,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "feedbackId" | "feedback_id" => Ok(GeneratedField::FeedbackId),
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "requestId" | "request_id" => Ok(GeneratedField::RequestId),
                            "outcomes" => Ok(GeneratedField::Outcomes),
                            "at" => Ok(GeneratedField::At),
                            "entityId" | "entity_id" => Ok(GeneratedField::EntityId),
                            "observedAt" | "observed_at" => Ok(GeneratedField::ObservedAt),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Feedback;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Feedback")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Feedback, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut feedback_id__ = None;
                let mut endpoint__ = None;
                let mut request_id__ = None;
                let mut outcomes__ = None;
                let mut at__ = None;
                let mut entity_id__ = None;
                let mut observed_at__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::FeedbackId => {
                            if feedback_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("feedbackId"));
                            }
                            feedback_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RequestId => {
                            if request_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestId"));
                            }
                            request_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Outcomes => {
                            if outcomes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outcomes"));
                            }
                            outcomes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::EntityId => {
                            if entity_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("entityId"));
                            }
                            entity_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ObservedAt => {
                            if observed_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("observedAt"));
                            }
                            observed_at__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Feedback {
                    feedback_id: feedback_id__.unwrap_or_default(),
                    endpoint: endpoint__.unwrap_or_default(),
                    request_id: request_id__.unwrap_or_default(),
                    outcomes: outcomes__.unwrap_or_default(),
                    at: at__,
                    entity_id: entity_id__.unwrap_or_default(),
                    observed_at: observed_at__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Feedback", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for FieldChange {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.field.is_empty() {
            len += 1;
        }
        if !self.before.is_empty() {
            len += 1;
        }
        if !self.after.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.FieldChange", len)?;
        if !self.field.is_empty() {
            struct_ser.serialize_field("field", &self.field)?;
        }
        if !self.before.is_empty() {
            struct_ser.serialize_field("before", &self.before)?;
        }
        if !self.after.is_empty() {
            struct_ser.serialize_field("after", &self.after)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for FieldChange {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "field",
            "before",
            "after",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Field,
            Before,
            After,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "field" => Ok(GeneratedField::Field),
                            "before" => Ok(GeneratedField::Before),
                            "after" => Ok(GeneratedField::After),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = FieldChange;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.FieldChange")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<FieldChange, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut field__ = None;
                let mut before__ = None;
                let mut after__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Field => {
                            if field__.is_some() {
                                return Err(serde::de::Error::duplicate_field("field"));
                            }
                            field__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Before => {
                            if before__.is_some() {
                                return Err(serde::de::Error::duplicate_field("before"));
                            }
                            before__ = Some(map_.next_value()?);
                        }
                        GeneratedField::After => {
                            if after__.is_some() {
                                return Err(serde::de::Error::duplicate_field("after"));
                            }
                            after__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(FieldChange {
                    field: field__.unwrap_or_default(),
                    before: before__.unwrap_or_default(),
                    after: after__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.FieldChange", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for FitRecord {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.task.is_some() {
            len += 1;
        }
        if !self.model_kind.is_empty() {
            len += 1;
        }
        if !self.model.is_empty() {
            len += 1;
        }
        if self.iterations != 0 {
            len += 1;
        }
        if !self.importance.is_empty() {
            len += 1;
        }
        if !self.outputs.is_empty() {
            len += 1;
        }
        if self.score.is_some() {
            len += 1;
        }
        if self.seconds != 0. {
            len += 1;
        }
        if self.predict_seconds != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.FitRecord", len)?;
        if let Some(v) = self.task.as_ref() {
            struct_ser.serialize_field("task", v)?;
        }
        if !self.model_kind.is_empty() {
            struct_ser.serialize_field("modelKind", &self.model_kind)?;
        }
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.iterations != 0 {
            struct_ser.serialize_field("iterations", &self.iterations)?;
        }
        if !self.importance.is_empty() {
            struct_ser.serialize_field("importance", &self.importance)?;
        }
        if !self.outputs.is_empty() {
            struct_ser.serialize_field("outputs", &self.outputs)?;
        }
        if let Some(v) = self.score.as_ref() {
            struct_ser.serialize_field("score", v)?;
        }
        if self.seconds != 0. {
            struct_ser.serialize_field("seconds", &self.seconds)?;
        }
        if self.predict_seconds != 0. {
            struct_ser.serialize_field("predictSeconds", &self.predict_seconds)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for FitRecord {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "task",
            "model_kind",
            "modelKind",
            "model",
            "iterations",
            "importance",
            "outputs",
            "score",
            "seconds",
            "predict_seconds",
            "predictSeconds",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Task,
            ModelKind,
            Model,
            Iterations,
            Importance,
            Outputs,
            Score,
            Seconds,
            PredictSeconds,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "task" => Ok(GeneratedField::Task),
                            "modelKind" | "model_kind" => Ok(GeneratedField::ModelKind),
                            "model" => Ok(GeneratedField::Model),
                            "iterations" => Ok(GeneratedField::Iterations),
                            "importance" => Ok(GeneratedField::Importance),
                            "outputs" => Ok(GeneratedField::Outputs),
                            "score" => Ok(GeneratedField::Score),
                            "seconds" => Ok(GeneratedField::Seconds),
                            "predictSeconds" | "predict_seconds" => Ok(GeneratedField::PredictSeconds),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = FitRecord;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.FitRecord")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<FitRecord, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut task__ = None;
                let mut model_kind__ = None;
                let mut model__ = None;
                let mut iterations__ = None;
                let mut importance__ = None;
                let mut outputs__ = None;
                let mut score__ = None;
                let mut seconds__ = None;
                let mut predict_seconds__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Task => {
                            if task__.is_some() {
                                return Err(serde::de::Error::duplicate_field("task"));
                            }
                            task__ = map_.next_value()?;
                        }
                        GeneratedField::ModelKind => {
                            if model_kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("modelKind"));
                            }
                            model_kind__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Iterations => {
                            if iterations__.is_some() {
                                return Err(serde::de::Error::duplicate_field("iterations"));
                            }
                            iterations__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Importance => {
                            if importance__.is_some() {
                                return Err(serde::de::Error::duplicate_field("importance"));
                            }
                            importance__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                        GeneratedField::Outputs => {
                            if outputs__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outputs"));
                            }
                            outputs__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                        GeneratedField::Score => {
                            if score__.is_some() {
                                return Err(serde::de::Error::duplicate_field("score"));
                            }
                            score__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Seconds => {
                            if seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seconds"));
                            }
                            seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::PredictSeconds => {
                            if predict_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("predictSeconds"));
                            }
                            predict_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(FitRecord {
                    task: task__,
                    model_kind: model_kind__.unwrap_or_default(),
                    model: model__.unwrap_or_default(),
                    iterations: iterations__.unwrap_or_default(),
                    importance: importance__.unwrap_or_default(),
                    outputs: outputs__.unwrap_or_default(),
                    score: score__,
                    seconds: seconds__.unwrap_or_default(),
                    predict_seconds: predict_seconds__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.FitRecord", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for FitTask {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.trial != 0 {
            len += 1;
        }
        if self.fold != 0 {
            len += 1;
        }
        if !self.algorithm.is_empty() {
            len += 1;
        }
        if !self.parameters.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.FitTask", len)?;
        if self.trial != 0 {
            struct_ser.serialize_field("trial", &self.trial)?;
        }
        if self.fold != 0 {
            struct_ser.serialize_field("fold", &self.fold)?;
        }
        if !self.algorithm.is_empty() {
            struct_ser.serialize_field("algorithm", &self.algorithm)?;
        }
        if !self.parameters.is_empty() {
            struct_ser.serialize_field("parameters", &self.parameters)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for FitTask {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "trial",
            "fold",
            "algorithm",
            "parameters",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Trial,
            Fold,
            Algorithm,
            Parameters,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "trial" => Ok(GeneratedField::Trial),
                            "fold" => Ok(GeneratedField::Fold),
                            "algorithm" => Ok(GeneratedField::Algorithm),
                            "parameters" => Ok(GeneratedField::Parameters),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = FitTask;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.FitTask")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<FitTask, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut trial__ = None;
                let mut fold__ = None;
                let mut algorithm__ = None;
                let mut parameters__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Trial => {
                            if trial__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trial"));
                            }
                            trial__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Fold => {
                            if fold__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fold"));
                            }
                            fold__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Algorithm => {
                            if algorithm__.is_some() {
                                return Err(serde::de::Error::duplicate_field("algorithm"));
                            }
                            algorithm__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Parameters => {
                            if parameters__.is_some() {
                                return Err(serde::de::Error::duplicate_field("parameters"));
                            }
                            parameters__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                    }
                }
                Ok(FitTask {
                    trial: trial__.unwrap_or_default(),
                    fold: fold__.unwrap_or_default(),
                    algorithm: algorithm__.unwrap_or_default(),
                    parameters: parameters__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.FitTask", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Handoff {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.schema_version.is_empty() {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        if !self.handoff_id.is_empty() {
            len += 1;
        }
        if !self.from_agent.is_empty() {
            len += 1;
        }
        if !self.to_agent.is_empty() {
            len += 1;
        }
        if self.timestamp.is_some() {
            len += 1;
        }
        if self.status != 0 {
            len += 1;
        }
        if self.epoch != 0 {
            len += 1;
        }
        if self.attempt != 0 {
            len += 1;
        }
        if self.plan.is_some() {
            len += 1;
        }
        if self.request.is_some() {
            len += 1;
        }
        if !self.outputs.is_empty() {
            len += 1;
        }
        if !self.warnings.is_empty() {
            len += 1;
        }
        if self.output_validated {
            len += 1;
        }
        if !self.input_digest.is_empty() {
            len += 1;
        }
        if self.failure.is_some() {
            len += 1;
        }
        if !self.metadata.is_empty() {
            len += 1;
        }
        if !self.packed.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Handoff", len)?;
        if !self.schema_version.is_empty() {
            struct_ser.serialize_field("schemaVersion", &self.schema_version)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if !self.handoff_id.is_empty() {
            struct_ser.serialize_field("handoffId", &self.handoff_id)?;
        }
        if !self.from_agent.is_empty() {
            struct_ser.serialize_field("fromAgent", &self.from_agent)?;
        }
        if !self.to_agent.is_empty() {
            struct_ser.serialize_field("toAgent", &self.to_agent)?;
        }
        if let Some(v) = self.timestamp.as_ref() {
            struct_ser.serialize_field("timestamp", v)?;
        }
        if self.status != 0 {
            let v = HandoffStatus::try_from(self.status)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.status)))?;
            struct_ser.serialize_field("status", &v)?;
        }
        if self.epoch != 0 {
            struct_ser.serialize_field("epoch", &self.epoch)?;
        }
        if self.attempt != 0 {
            struct_ser.serialize_field("attempt", &self.attempt)?;
        }
        if let Some(v) = self.plan.as_ref() {
            struct_ser.serialize_field("plan", v)?;
        }
        if let Some(v) = self.request.as_ref() {
            struct_ser.serialize_field("request", v)?;
        }
        if !self.outputs.is_empty() {
            struct_ser.serialize_field("outputs", &self.outputs)?;
        }
        if !self.warnings.is_empty() {
            struct_ser.serialize_field("warnings", &self.warnings)?;
        }
        if self.output_validated {
            struct_ser.serialize_field("outputValidated", &self.output_validated)?;
        }
        if !self.input_digest.is_empty() {
            struct_ser.serialize_field("inputDigest", &self.input_digest)?;
        }
        if let Some(v) = self.failure.as_ref() {
            struct_ser.serialize_field("failure", v)?;
        }
        if !self.metadata.is_empty() {
            struct_ser.serialize_field("metadata", &self.metadata)?;
        }
        if !self.packed.is_empty() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("packed", pbjson::private::base64::encode(&self.packed).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Handoff {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "schema_version",
            "schemaVersion",
            "run_id",
            "runId",
            "handoff_id",
            "handoffId",
            "from_agent",
            "fromAgent",
            "to_agent",
            "toAgent",
            "timestamp",
            "status",
            "epoch",
            "attempt",
            "plan",
            "request",
            "outputs",
            "warnings",
            "output_validated",
            "outputValidated",
            "input_digest",
            "inputDigest",
            "failure",
            "metadata",
            "packed",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            SchemaVersion,
            RunId,
            HandoffId,
            FromAgent,
            ToAgent,
            Timestamp,
            Status,
            Epoch,
            Attempt,
            Plan,
            Request,
            Outputs,
            Warnings,
            OutputValidated,
            InputDigest,
            Failure,
            Metadata,
            Packed,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "schemaVersion" | "schema_version" => Ok(GeneratedField::SchemaVersion),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "handoffId" | "handoff_id" => Ok(GeneratedField::HandoffId),
                            "fromAgent" | "from_agent" => Ok(GeneratedField::FromAgent),
                            "toAgent" | "to_agent" => Ok(GeneratedField::ToAgent),
                            "timestamp" => Ok(GeneratedField::Timestamp),
                            "status" => Ok(GeneratedField::Status),
                            "epoch" => Ok(GeneratedField::Epoch),
                            "attempt" => Ok(GeneratedField::Attempt),
                            "plan" => Ok(GeneratedField::Plan),
                            "request" => Ok(GeneratedField::Request),
                            "outputs" => Ok(GeneratedField::Outputs),
                            "warnings" => Ok(GeneratedField::Warnings),
                            "outputValidated" | "output_validated" => Ok(GeneratedField::OutputValidated),
                            "inputDigest" | "input_digest" => Ok(GeneratedField::InputDigest),
                            "failure" => Ok(GeneratedField::Failure),
                            "metadata" => Ok(GeneratedField::Metadata),
                            "packed" => Ok(GeneratedField::Packed),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Handoff;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Handoff")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Handoff, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut schema_version__ = None;
                let mut run_id__ = None;
                let mut handoff_id__ = None;
                let mut from_agent__ = None;
                let mut to_agent__ = None;
                let mut timestamp__ = None;
                let mut status__ = None;
                let mut epoch__ = None;
                let mut attempt__ = None;
                let mut plan__ = None;
                let mut request__ = None;
                let mut outputs__ = None;
                let mut warnings__ = None;
                let mut output_validated__ = None;
                let mut input_digest__ = None;
                let mut failure__ = None;
                let mut metadata__ = None;
                let mut packed__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::SchemaVersion => {
                            if schema_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("schemaVersion"));
                            }
                            schema_version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::HandoffId => {
                            if handoff_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("handoffId"));
                            }
                            handoff_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FromAgent => {
                            if from_agent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fromAgent"));
                            }
                            from_agent__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ToAgent => {
                            if to_agent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("toAgent"));
                            }
                            to_agent__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Timestamp => {
                            if timestamp__.is_some() {
                                return Err(serde::de::Error::duplicate_field("timestamp"));
                            }
                            timestamp__ = map_.next_value()?;
                        }
                        GeneratedField::Status => {
                            if status__.is_some() {
                                return Err(serde::de::Error::duplicate_field("status"));
                            }
                            status__ = Some(map_.next_value::<HandoffStatus>()? as i32);
                        }
                        GeneratedField::Epoch => {
                            if epoch__.is_some() {
                                return Err(serde::de::Error::duplicate_field("epoch"));
                            }
                            epoch__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Attempt => {
                            if attempt__.is_some() {
                                return Err(serde::de::Error::duplicate_field("attempt"));
                            }
                            attempt__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Plan => {
                            if plan__.is_some() {
                                return Err(serde::de::Error::duplicate_field("plan"));
                            }
                            plan__ = map_.next_value()?;
                        }
                        GeneratedField::Request => {
                            if request__.is_some() {
                                return Err(serde::de::Error::duplicate_field("request"));
                            }
                            request__ = map_.next_value()?;
                        }
                        GeneratedField::Outputs => {
                            if outputs__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outputs"));
                            }
                            outputs__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Warnings => {
                            if warnings__.is_some() {
                                return Err(serde::de::Error::duplicate_field("warnings"));
                            }
                            warnings__ = Some(map_.next_value()?);
                        }
                        GeneratedField::OutputValidated => {
                            if output_validated__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outputValidated"));
                            }
                            output_validated__ = Some(map_.next_value()?);
                        }
                        GeneratedField::InputDigest => {
                            if input_digest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("inputDigest"));
                            }
                            input_digest__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Failure => {
                            if failure__.is_some() {
                                return Err(serde::de::Error::duplicate_field("failure"));
                            }
                            failure__ = map_.next_value()?;
                        }
                        GeneratedField::Metadata => {
                            if metadata__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metadata"));
                            }
                            metadata__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::Packed => {
                            if packed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("packed"));
                            }
                            packed__ = 
                                Some(map_.next_value::<::pbjson::private::BytesDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Handoff {
                    schema_version: schema_version__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                    handoff_id: handoff_id__.unwrap_or_default(),
                    from_agent: from_agent__.unwrap_or_default(),
                    to_agent: to_agent__.unwrap_or_default(),
                    timestamp: timestamp__,
                    status: status__.unwrap_or_default(),
                    epoch: epoch__.unwrap_or_default(),
                    attempt: attempt__.unwrap_or_default(),
                    plan: plan__,
                    request: request__,
                    outputs: outputs__.unwrap_or_default(),
                    warnings: warnings__.unwrap_or_default(),
                    output_validated: output_validated__.unwrap_or_default(),
                    input_digest: input_digest__.unwrap_or_default(),
                    failure: failure__,
                    metadata: metadata__.unwrap_or_default(),
                    packed: packed__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Handoff", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for HandoffStatus {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "HANDOFF_STATUS_UNSPECIFIED",
            Self::Success => "HANDOFF_STATUS_SUCCESS",
            Self::Partial => "HANDOFF_STATUS_PARTIAL",
            Self::Failed => "HANDOFF_STATUS_FAILED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for HandoffStatus {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "HANDOFF_STATUS_UNSPECIFIED",
            "HANDOFF_STATUS_SUCCESS",
            "HANDOFF_STATUS_PARTIAL",
            "HANDOFF_STATUS_FAILED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = HandoffStatus;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "HANDOFF_STATUS_UNSPECIFIED" => Ok(HandoffStatus::Unspecified),
                    "HANDOFF_STATUS_SUCCESS" => Ok(HandoffStatus::Success),
                    "HANDOFF_STATUS_PARTIAL" => Ok(HandoffStatus::Partial),
                    "HANDOFF_STATUS_FAILED" => Ok(HandoffStatus::Failed),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for InputContribution {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.input.is_empty() {
            len += 1;
        }
        if self.mean_absolute != 0. {
            len += 1;
        }
        if !self.cells.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.InputContribution", len)?;
        if !self.input.is_empty() {
            struct_ser.serialize_field("input", &self.input)?;
        }
        if self.mean_absolute != 0. {
            struct_ser.serialize_field("meanAbsolute", &self.mean_absolute)?;
        }
        if !self.cells.is_empty() {
            struct_ser.serialize_field("cells", &self.cells)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for InputContribution {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "input",
            "mean_absolute",
            "meanAbsolute",
            "cells",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Input,
            MeanAbsolute,
            Cells,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "input" => Ok(GeneratedField::Input),
                            "meanAbsolute" | "mean_absolute" => Ok(GeneratedField::MeanAbsolute),
                            "cells" => Ok(GeneratedField::Cells),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = InputContribution;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.InputContribution")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<InputContribution, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut input__ = None;
                let mut mean_absolute__ = None;
                let mut cells__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Input => {
                            if input__.is_some() {
                                return Err(serde::de::Error::duplicate_field("input"));
                            }
                            input__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MeanAbsolute => {
                            if mean_absolute__.is_some() {
                                return Err(serde::de::Error::duplicate_field("meanAbsolute"));
                            }
                            mean_absolute__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Cells => {
                            if cells__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cells"));
                            }
                            cells__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(InputContribution {
                    input: input__.unwrap_or_default(),
                    mean_absolute: mean_absolute__.unwrap_or_default(),
                    cells: cells__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.InputContribution", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for InputEffect {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.input.is_empty() {
            len += 1;
        }
        if self.effect != 0. {
            len += 1;
        }
        if !self.direction.is_empty() {
            len += 1;
        }
        if !self.points.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.InputEffect", len)?;
        if !self.input.is_empty() {
            struct_ser.serialize_field("input", &self.input)?;
        }
        if self.effect != 0. {
            struct_ser.serialize_field("effect", &self.effect)?;
        }
        if !self.direction.is_empty() {
            struct_ser.serialize_field("direction", &self.direction)?;
        }
        if !self.points.is_empty() {
            struct_ser.serialize_field("points", &self.points)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for InputEffect {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "input",
            "effect",
            "direction",
            "points",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Input,
            Effect,
            Direction,
            Points,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "input" => Ok(GeneratedField::Input),
                            "effect" => Ok(GeneratedField::Effect),
                            "direction" => Ok(GeneratedField::Direction),
                            "points" => Ok(GeneratedField::Points),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = InputEffect;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.InputEffect")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<InputEffect, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut input__ = None;
                let mut effect__ = None;
                let mut direction__ = None;
                let mut points__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Input => {
                            if input__.is_some() {
                                return Err(serde::de::Error::duplicate_field("input"));
                            }
                            input__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Effect => {
                            if effect__.is_some() {
                                return Err(serde::de::Error::duplicate_field("effect"));
                            }
                            effect__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Direction => {
                            if direction__.is_some() {
                                return Err(serde::de::Error::duplicate_field("direction"));
                            }
                            direction__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Points => {
                            if points__.is_some() {
                                return Err(serde::de::Error::duplicate_field("points"));
                            }
                            points__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(InputEffect {
                    input: input__.unwrap_or_default(),
                    effect: effect__.unwrap_or_default(),
                    direction: direction__.unwrap_or_default(),
                    points: points__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.InputEffect", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for IntegrityRule {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.name.is_empty() {
            len += 1;
        }
        if self.warns {
            len += 1;
        }
        if !self.unique.is_empty() {
            len += 1;
        }
        if self.reference.is_some() {
            len += 1;
        }
        if !self.expression.is_empty() {
            len += 1;
        }
        if self.tolerance != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.IntegrityRule", len)?;
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if self.warns {
            struct_ser.serialize_field("warns", &self.warns)?;
        }
        if !self.unique.is_empty() {
            struct_ser.serialize_field("unique", &self.unique)?;
        }
        if let Some(v) = self.reference.as_ref() {
            struct_ser.serialize_field("reference", v)?;
        }
        if !self.expression.is_empty() {
            struct_ser.serialize_field("expression", &self.expression)?;
        }
        if self.tolerance != 0. {
            struct_ser.serialize_field("tolerance", &self.tolerance)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for IntegrityRule {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "warns",
            "unique",
            "reference",
            "expression",
            "tolerance",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Warns,
            Unique,
            Reference,
            Expression,
            Tolerance,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "warns" => Ok(GeneratedField::Warns),
                            "unique" => Ok(GeneratedField::Unique),
                            "reference" => Ok(GeneratedField::Reference),
                            "expression" => Ok(GeneratedField::Expression),
                            "tolerance" => Ok(GeneratedField::Tolerance),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = IntegrityRule;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.IntegrityRule")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<IntegrityRule, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut warns__ = None;
                let mut unique__ = None;
                let mut reference__ = None;
                let mut expression__ = None;
                let mut tolerance__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Warns => {
                            if warns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("warns"));
                            }
                            warns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Unique => {
                            if unique__.is_some() {
                                return Err(serde::de::Error::duplicate_field("unique"));
                            }
                            unique__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reference => {
                            if reference__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reference"));
                            }
                            reference__ = map_.next_value()?;
                        }
                        GeneratedField::Expression => {
                            if expression__.is_some() {
                                return Err(serde::de::Error::duplicate_field("expression"));
                            }
                            expression__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Tolerance => {
                            if tolerance__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tolerance"));
                            }
                            tolerance__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(IntegrityRule {
                    name: name__.unwrap_or_default(),
                    warns: warns__.unwrap_or_default(),
                    unique: unique__.unwrap_or_default(),
                    reference: reference__,
                    expression: expression__.unwrap_or_default(),
                    tolerance: tolerance__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.IntegrityRule", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Interaction {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.first.is_empty() {
            len += 1;
        }
        if !self.second.is_empty() {
            len += 1;
        }
        if self.strength != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Interaction", len)?;
        if !self.first.is_empty() {
            struct_ser.serialize_field("first", &self.first)?;
        }
        if !self.second.is_empty() {
            struct_ser.serialize_field("second", &self.second)?;
        }
        if self.strength != 0. {
            struct_ser.serialize_field("strength", &self.strength)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Interaction {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "first",
            "second",
            "strength",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            First,
            Second,
            Strength,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "first" => Ok(GeneratedField::First),
                            "second" => Ok(GeneratedField::Second),
                            "strength" => Ok(GeneratedField::Strength),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Interaction;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Interaction")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Interaction, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut first__ = None;
                let mut second__ = None;
                let mut strength__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::First => {
                            if first__.is_some() {
                                return Err(serde::de::Error::duplicate_field("first"));
                            }
                            first__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Second => {
                            if second__.is_some() {
                                return Err(serde::de::Error::duplicate_field("second"));
                            }
                            second__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Strength => {
                            if strength__.is_some() {
                                return Err(serde::de::Error::duplicate_field("strength"));
                            }
                            strength__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Interaction {
                    first: first__.unwrap_or_default(),
                    second: second__.unwrap_or_default(),
                    strength: strength__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Interaction", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for LearningCurvePoint {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.rows != 0 {
            len += 1;
        }
        if self.score != 0. {
            len += 1;
        }
        if self.score_std != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.LearningCurvePoint", len)?;
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if self.score != 0. {
            struct_ser.serialize_field("score", &self.score)?;
        }
        if self.score_std != 0. {
            struct_ser.serialize_field("scoreStd", &self.score_std)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for LearningCurvePoint {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "rows",
            "score",
            "score_std",
            "scoreStd",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Rows,
            Score,
            ScoreStd,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "rows" => Ok(GeneratedField::Rows),
                            "score" => Ok(GeneratedField::Score),
                            "scoreStd" | "score_std" => Ok(GeneratedField::ScoreStd),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = LearningCurvePoint;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.LearningCurvePoint")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<LearningCurvePoint, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut rows__ = None;
                let mut score__ = None;
                let mut score_std__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Score => {
                            if score__.is_some() {
                                return Err(serde::de::Error::duplicate_field("score"));
                            }
                            score__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ScoreStd => {
                            if score_std__.is_some() {
                                return Err(serde::de::Error::duplicate_field("scoreStd"));
                            }
                            score_std__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(LearningCurvePoint {
                    rows: rows__.unwrap_or_default(),
                    score: score__.unwrap_or_default(),
                    score_std: score_std__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.LearningCurvePoint", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for LedgerEntry {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.bucket.is_empty() {
            len += 1;
        }
        if self.revision != 0 {
            len += 1;
        }
        if self.before_revision != 0 {
            len += 1;
        }
        if !self.model.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if self.action != 0 {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if !self.by.is_empty() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        if !self.changes.is_empty() {
            len += 1;
        }
        if self.deployment.is_some() {
            len += 1;
        }
        if self.registered_model.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.LedgerEntry", len)?;
        if !self.bucket.is_empty() {
            struct_ser.serialize_field("bucket", &self.bucket)?;
        }
        if self.revision != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("revision", ToString::to_string(&self.revision).as_str())?;
        }
        if self.before_revision != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("beforeRevision", ToString::to_string(&self.before_revision).as_str())?;
        }
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if self.action != 0 {
            let v = RecordAction::try_from(self.action)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.action)))?;
            struct_ser.serialize_field("action", &v)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if !self.by.is_empty() {
            struct_ser.serialize_field("by", &self.by)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if !self.changes.is_empty() {
            struct_ser.serialize_field("changes", &self.changes)?;
        }
        if let Some(v) = self.deployment.as_ref() {
            struct_ser.serialize_field("deployment", v)?;
        }
        if let Some(v) = self.registered_model.as_ref() {
            struct_ser.serialize_field("registeredModel", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for LedgerEntry {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "bucket",
            "revision",
            "before_revision",
            "beforeRevision",
            "model",
            "version",
            "endpoint",
            "action",
            "at",
            "by",
            "reason",
            "changes",
            "deployment",
            "registered_model",
            "registeredModel",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Bucket,
            Revision,
            BeforeRevision,
            Model,
            Version,
            Endpoint,
            Action,
            At,
            By,
            Reason,
            Changes,
            Deployment,
            RegisteredModel,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "bucket" => Ok(GeneratedField::Bucket),
                            "revision" => Ok(GeneratedField::Revision),
                            "beforeRevision" | "before_revision" => Ok(GeneratedField::BeforeRevision),
                            "model" => Ok(GeneratedField::Model),
                            "version" => Ok(GeneratedField::Version),
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "action" => Ok(GeneratedField::Action),
                            "at" => Ok(GeneratedField::At),
                            "by" => Ok(GeneratedField::By),
                            "reason" => Ok(GeneratedField::Reason),
                            "changes" => Ok(GeneratedField::Changes),
                            "deployment" => Ok(GeneratedField::Deployment),
                            "registeredModel" | "registered_model" => Ok(GeneratedField::RegisteredModel),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = LedgerEntry;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.LedgerEntry")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<LedgerEntry, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut bucket__ = None;
                let mut revision__ = None;
                let mut before_revision__ = None;
                let mut model__ = None;
                let mut version__ = None;
                let mut endpoint__ = None;
                let mut action__ = None;
                let mut at__ = None;
                let mut by__ = None;
                let mut reason__ = None;
                let mut changes__ = None;
                let mut deployment__ = None;
                let mut registered_model__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Bucket => {
                            if bucket__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bucket"));
                            }
                            bucket__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::BeforeRevision => {
                            if before_revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("beforeRevision"));
                            }
                            before_revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Action => {
                            if action__.is_some() {
                                return Err(serde::de::Error::duplicate_field("action"));
                            }
                            action__ = Some(map_.next_value::<RecordAction>()? as i32);
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::By => {
                            if by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("by"));
                            }
                            by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Changes => {
                            if changes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("changes"));
                            }
                            changes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Deployment => {
                            if deployment__.is_some() {
                                return Err(serde::de::Error::duplicate_field("deployment"));
                            }
                            deployment__ = map_.next_value()?;
                        }
                        GeneratedField::RegisteredModel => {
                            if registered_model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("registeredModel"));
                            }
                            registered_model__ = map_.next_value()?;
                        }
                    }
                }
                Ok(LedgerEntry {
                    bucket: bucket__.unwrap_or_default(),
                    revision: revision__.unwrap_or_default(),
                    before_revision: before_revision__.unwrap_or_default(),
                    model: model__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    endpoint: endpoint__.unwrap_or_default(),
                    action: action__.unwrap_or_default(),
                    at: at__,
                    by: by__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                    changes: changes__.unwrap_or_default(),
                    deployment: deployment__,
                    registered_model: registered_model__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.LedgerEntry", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for LoadFailure {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.version != 0 {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.LoadFailure", len)?;
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for LoadFailure {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "version",
            "reason",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Version,
            Reason,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "version" => Ok(GeneratedField::Version),
                            "reason" => Ok(GeneratedField::Reason),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = LoadFailure;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.LoadFailure")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<LoadFailure, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut version__ = None;
                let mut reason__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(LoadFailure {
                    version: version__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.LoadFailure", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for MetricEstimate {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.value != 0. {
            len += 1;
        }
        if self.low != 0. {
            len += 1;
        }
        if self.high != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.MetricEstimate", len)?;
        if self.value != 0. {
            struct_ser.serialize_field("value", &self.value)?;
        }
        if self.low != 0. {
            struct_ser.serialize_field("low", &self.low)?;
        }
        if self.high != 0. {
            struct_ser.serialize_field("high", &self.high)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for MetricEstimate {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "value",
            "low",
            "high",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Value,
            Low,
            High,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "value" => Ok(GeneratedField::Value),
                            "low" => Ok(GeneratedField::Low),
                            "high" => Ok(GeneratedField::High),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = MetricEstimate;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.MetricEstimate")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<MetricEstimate, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut value__ = None;
                let mut low__ = None;
                let mut high__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Low => {
                            if low__.is_some() {
                                return Err(serde::de::Error::duplicate_field("low"));
                            }
                            low__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::High => {
                            if high__.is_some() {
                                return Err(serde::de::Error::duplicate_field("high"));
                            }
                            high__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(MetricEstimate {
                    value: value__.unwrap_or_default(),
                    low: low__.unwrap_or_default(),
                    high: high__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.MetricEstimate", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for MissingRule {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "MISSING_RULE_UNSPECIFIED",
            Self::Keep => "MISSING_RULE_KEEP",
            Self::Mean => "MISSING_RULE_MEAN",
            Self::Median => "MISSING_RULE_MEDIAN",
            Self::Mode => "MISSING_RULE_MODE",
            Self::Constant => "MISSING_RULE_CONSTANT",
            Self::Forward => "MISSING_RULE_FORWARD",
            Self::Backward => "MISSING_RULE_BACKWARD",
            Self::Drop => "MISSING_RULE_DROP",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for MissingRule {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "MISSING_RULE_UNSPECIFIED",
            "MISSING_RULE_KEEP",
            "MISSING_RULE_MEAN",
            "MISSING_RULE_MEDIAN",
            "MISSING_RULE_MODE",
            "MISSING_RULE_CONSTANT",
            "MISSING_RULE_FORWARD",
            "MISSING_RULE_BACKWARD",
            "MISSING_RULE_DROP",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = MissingRule;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "MISSING_RULE_UNSPECIFIED" => Ok(MissingRule::Unspecified),
                    "MISSING_RULE_KEEP" => Ok(MissingRule::Keep),
                    "MISSING_RULE_MEAN" => Ok(MissingRule::Mean),
                    "MISSING_RULE_MEDIAN" => Ok(MissingRule::Median),
                    "MISSING_RULE_MODE" => Ok(MissingRule::Mode),
                    "MISSING_RULE_CONSTANT" => Ok(MissingRule::Constant),
                    "MISSING_RULE_FORWARD" => Ok(MissingRule::Forward),
                    "MISSING_RULE_BACKWARD" => Ok(MissingRule::Backward),
                    "MISSING_RULE_DROP" => Ok(MissingRule::Drop),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for ModelStage {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "MODEL_STAGE_UNSPECIFIED",
            Self::None => "MODEL_STAGE_NONE",
            Self::Staging => "MODEL_STAGE_STAGING",
            Self::Shadow => "MODEL_STAGE_SHADOW",
            Self::Production => "MODEL_STAGE_PRODUCTION",
            Self::Archived => "MODEL_STAGE_ARCHIVED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for ModelStage {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "MODEL_STAGE_UNSPECIFIED",
            "MODEL_STAGE_NONE",
            "MODEL_STAGE_STAGING",
            "MODEL_STAGE_SHADOW",
            "MODEL_STAGE_PRODUCTION",
            "MODEL_STAGE_ARCHIVED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = ModelStage;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "MODEL_STAGE_UNSPECIFIED" => Ok(ModelStage::Unspecified),
                    "MODEL_STAGE_NONE" => Ok(ModelStage::None),
                    "MODEL_STAGE_STAGING" => Ok(ModelStage::Staging),
                    "MODEL_STAGE_SHADOW" => Ok(ModelStage::Shadow),
                    "MODEL_STAGE_PRODUCTION" => Ok(ModelStage::Production),
                    "MODEL_STAGE_ARCHIVED" => Ok(ModelStage::Archived),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for ModelVersion {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.model.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if self.bundle.is_some() {
            len += 1;
        }
        if self.stage != 0 {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        if !self.data_sha256.is_empty() {
            len += 1;
        }
        if self.parent_version != 0 {
            len += 1;
        }
        if !self.algorithm.is_empty() {
            len += 1;
        }
        if !self.test_metrics.is_empty() {
            len += 1;
        }
        if self.created_at.is_some() {
            len += 1;
        }
        if !self.transitions.is_empty() {
            len += 1;
        }
        if !self.signature_inputs.is_empty() {
            len += 1;
        }
        if self.problem_type != 0 {
            len += 1;
        }
        if !self.classes.is_empty() {
            len += 1;
        }
        if !self.description.is_empty() {
            len += 1;
        }
        if !self.tags.is_empty() {
            len += 1;
        }
        if !self.notes.is_empty() {
            len += 1;
        }
        if self.change.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ModelVersion", len)?;
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if let Some(v) = self.bundle.as_ref() {
            struct_ser.serialize_field("bundle", v)?;
        }
        if self.stage != 0 {
            let v = ModelStage::try_from(self.stage)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.stage)))?;
            struct_ser.serialize_field("stage", &v)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if !self.data_sha256.is_empty() {
            struct_ser.serialize_field("dataSha256", &self.data_sha256)?;
        }
        if self.parent_version != 0 {
            struct_ser.serialize_field("parentVersion", &self.parent_version)?;
        }
        if !self.algorithm.is_empty() {
            struct_ser.serialize_field("algorithm", &self.algorithm)?;
        }
        if !self.test_metrics.is_empty() {
            struct_ser.serialize_field("testMetrics", &self.test_metrics)?;
        }
        if let Some(v) = self.created_at.as_ref() {
            struct_ser.serialize_field("createdAt", v)?;
        }
        if !self.transitions.is_empty() {
            struct_ser.serialize_field("transitions", &self.transitions)?;
        }
        if !self.signature_inputs.is_empty() {
            struct_ser.serialize_field("signatureInputs", &self.signature_inputs)?;
        }
        if self.problem_type != 0 {
            let v = ProblemType::try_from(self.problem_type)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.problem_type)))?;
            struct_ser.serialize_field("problemType", &v)?;
        }
        if !self.classes.is_empty() {
            struct_ser.serialize_field("classes", &self.classes)?;
        }
        if !self.description.is_empty() {
            struct_ser.serialize_field("description", &self.description)?;
        }
        if !self.tags.is_empty() {
            struct_ser.serialize_field("tags", &self.tags)?;
        }
        if !self.notes.is_empty() {
            struct_ser.serialize_field("notes", &self.notes)?;
        }
        if let Some(v) = self.change.as_ref() {
            struct_ser.serialize_field("change", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ModelVersion {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "model",
            "version",
            "bundle",
            "stage",
            "run_id",
            "runId",
            "data_sha256",
            "dataSha256",
            "parent_version",
            "parentVersion",
            "algorithm",
            "test_metrics",
            "testMetrics",
            "created_at",
            "createdAt",
            "transitions",
            "signature_inputs",
            "signatureInputs",
            "problem_type",
            "problemType",
            "classes",
            "description",
            "tags",
            "notes",
            "change",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Model,
            Version,
            Bundle,
            Stage,
            RunId,
            DataSha256,
            ParentVersion,
            Algorithm,
            TestMetrics,
            CreatedAt,
            Transitions,
            SignatureInputs,
            ProblemType,
            Classes,
            Description,
            Tags,
            Notes,
            Change,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "model" => Ok(GeneratedField::Model),
                            "version" => Ok(GeneratedField::Version),
                            "bundle" => Ok(GeneratedField::Bundle),
                            "stage" => Ok(GeneratedField::Stage),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "dataSha256" | "data_sha256" => Ok(GeneratedField::DataSha256),
                            "parentVersion" | "parent_version" => Ok(GeneratedField::ParentVersion),
                            "algorithm" => Ok(GeneratedField::Algorithm),
                            "testMetrics" | "test_metrics" => Ok(GeneratedField::TestMetrics),
                            "createdAt" | "created_at" => Ok(GeneratedField::CreatedAt),
                            "transitions" => Ok(GeneratedField::Transitions),
                            "signatureInputs" | "signature_inputs" => Ok(GeneratedField::SignatureInputs),
                            "problemType" | "problem_type" => Ok(GeneratedField::ProblemType),
                            "classes" => Ok(GeneratedField::Classes),
                            "description" => Ok(GeneratedField::Description),
                            "tags" => Ok(GeneratedField::Tags),
                            "notes" => Ok(GeneratedField::Notes),
                            "change" => Ok(GeneratedField::Change),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ModelVersion;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ModelVersion")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ModelVersion, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut model__ = None;
                let mut version__ = None;
                let mut bundle__ = None;
                let mut stage__ = None;
                let mut run_id__ = None;
                let mut data_sha256__ = None;
                let mut parent_version__ = None;
                let mut algorithm__ = None;
                let mut test_metrics__ = None;
                let mut created_at__ = None;
                let mut transitions__ = None;
                let mut signature_inputs__ = None;
                let mut problem_type__ = None;
                let mut classes__ = None;
                let mut description__ = None;
                let mut tags__ = None;
                let mut notes__ = None;
                let mut change__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bundle => {
                            if bundle__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bundle"));
                            }
                            bundle__ = map_.next_value()?;
                        }
                        GeneratedField::Stage => {
                            if stage__.is_some() {
                                return Err(serde::de::Error::duplicate_field("stage"));
                            }
                            stage__ = Some(map_.next_value::<ModelStage>()? as i32);
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::DataSha256 => {
                            if data_sha256__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dataSha256"));
                            }
                            data_sha256__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ParentVersion => {
                            if parent_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("parentVersion"));
                            }
                            parent_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Algorithm => {
                            if algorithm__.is_some() {
                                return Err(serde::de::Error::duplicate_field("algorithm"));
                            }
                            algorithm__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TestMetrics => {
                            if test_metrics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("testMetrics"));
                            }
                            test_metrics__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::CreatedAt => {
                            if created_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("createdAt"));
                            }
                            created_at__ = map_.next_value()?;
                        }
                        GeneratedField::Transitions => {
                            if transitions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("transitions"));
                            }
                            transitions__ = Some(map_.next_value()?);
                        }
                        GeneratedField::SignatureInputs => {
                            if signature_inputs__.is_some() {
                                return Err(serde::de::Error::duplicate_field("signatureInputs"));
                            }
                            signature_inputs__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ProblemType => {
                            if problem_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("problemType"));
                            }
                            problem_type__ = Some(map_.next_value::<ProblemType>()? as i32);
                        }
                        GeneratedField::Classes => {
                            if classes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("classes"));
                            }
                            classes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Description => {
                            if description__.is_some() {
                                return Err(serde::de::Error::duplicate_field("description"));
                            }
                            description__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Tags => {
                            if tags__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tags"));
                            }
                            tags__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::Notes => {
                            if notes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("notes"));
                            }
                            notes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Change => {
                            if change__.is_some() {
                                return Err(serde::de::Error::duplicate_field("change"));
                            }
                            change__ = map_.next_value()?;
                        }
                    }
                }
                Ok(ModelVersion {
                    model: model__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    bundle: bundle__,
                    stage: stage__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                    data_sha256: data_sha256__.unwrap_or_default(),
                    parent_version: parent_version__.unwrap_or_default(),
                    algorithm: algorithm__.unwrap_or_default(),
                    test_metrics: test_metrics__.unwrap_or_default(),
                    created_at: created_at__,
                    transitions: transitions__.unwrap_or_default(),
                    signature_inputs: signature_inputs__.unwrap_or_default(),
                    problem_type: problem_type__.unwrap_or_default(),
                    classes: classes__.unwrap_or_default(),
                    description: description__.unwrap_or_default(),
                    tags: tags__.unwrap_or_default(),
                    notes: notes__.unwrap_or_default(),
                    change: change__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ModelVersion", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Monitor {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if !self.model.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if !self.digest.is_empty() {
            len += 1;
        }
        if self.reference_profile.is_some() {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        if self.registered_at.is_some() {
            len += 1;
        }
        if !self.data_sha256.is_empty() {
            len += 1;
        }
        if self.drift_reference.is_some() {
            len += 1;
        }
        if self.problem_type != 0 {
            len += 1;
        }
        if !self.classes.is_empty() {
            len += 1;
        }
        if !self.positive_class.is_empty() {
            len += 1;
        }
        if !self.target.is_empty() {
            len += 1;
        }
        if !self.metric.is_empty() {
            len += 1;
        }
        if !self.test_metrics.is_empty() {
            len += 1;
        }
        if self.threshold != 0. {
            len += 1;
        }
        if !self.signature_inputs.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Monitor", len)?;
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.digest.is_empty() {
            struct_ser.serialize_field("digest", &self.digest)?;
        }
        if let Some(v) = self.reference_profile.as_ref() {
            struct_ser.serialize_field("referenceProfile", v)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if let Some(v) = self.registered_at.as_ref() {
            struct_ser.serialize_field("registeredAt", v)?;
        }
        if !self.data_sha256.is_empty() {
            struct_ser.serialize_field("dataSha256", &self.data_sha256)?;
        }
        if let Some(v) = self.drift_reference.as_ref() {
            struct_ser.serialize_field("driftReference", v)?;
        }
        if self.problem_type != 0 {
            let v = ProblemType::try_from(self.problem_type)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.problem_type)))?;
            struct_ser.serialize_field("problemType", &v)?;
        }
        if !self.classes.is_empty() {
            struct_ser.serialize_field("classes", &self.classes)?;
        }
        if !self.positive_class.is_empty() {
            struct_ser.serialize_field("positiveClass", &self.positive_class)?;
        }
        if !self.target.is_empty() {
            struct_ser.serialize_field("target", &self.target)?;
        }
        if !self.metric.is_empty() {
            struct_ser.serialize_field("metric", &self.metric)?;
        }
        if !self.test_metrics.is_empty() {
            struct_ser.serialize_field("testMetrics", &self.test_metrics)?;
        }
        if self.threshold != 0. {
            struct_ser.serialize_field("threshold", &self.threshold)?;
        }
        if !self.signature_inputs.is_empty() {
            struct_ser.serialize_field("signatureInputs", &self.signature_inputs)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Monitor {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "endpoint",
            "model",
            "version",
            "digest",
            "reference_profile",
            "referenceProfile",
            "run_id",
            "runId",
            "registered_at",
            "registeredAt",
            "data_sha256",
            "dataSha256",
            "drift_reference",
            "driftReference",
            "problem_type",
            "problemType",
            "classes",
            "positive_class",
            "positiveClass",
            "target",
            "metric",
            "test_metrics",
            "testMetrics",
            "threshold",
            "signature_inputs",
            "signatureInputs",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Endpoint,
            Model,
            Version,
            Digest,
            ReferenceProfile,
            RunId,
            RegisteredAt,
            DataSha256,
            DriftReference,
            ProblemType,
            Classes,
            PositiveClass,
            Target,
            Metric,
            TestMetrics,
            Threshold,
            SignatureInputs,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "model" => Ok(GeneratedField::Model),
                            "version" => Ok(GeneratedField::Version),
                            "digest" => Ok(GeneratedField::Digest),
                            "referenceProfile" | "reference_profile" => Ok(GeneratedField::ReferenceProfile),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "registeredAt" | "registered_at" => Ok(GeneratedField::RegisteredAt),
                            "dataSha256" | "data_sha256" => Ok(GeneratedField::DataSha256),
                            "driftReference" | "drift_reference" => Ok(GeneratedField::DriftReference),
                            "problemType" | "problem_type" => Ok(GeneratedField::ProblemType),
                            "classes" => Ok(GeneratedField::Classes),
                            "positiveClass" | "positive_class" => Ok(GeneratedField::PositiveClass),
                            "target" => Ok(GeneratedField::Target),
                            "metric" => Ok(GeneratedField::Metric),
                            "testMetrics" | "test_metrics" => Ok(GeneratedField::TestMetrics),
                            "threshold" => Ok(GeneratedField::Threshold),
                            "signatureInputs" | "signature_inputs" => Ok(GeneratedField::SignatureInputs),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Monitor;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Monitor")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Monitor, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut endpoint__ = None;
                let mut model__ = None;
                let mut version__ = None;
                let mut digest__ = None;
                let mut reference_profile__ = None;
                let mut run_id__ = None;
                let mut registered_at__ = None;
                let mut data_sha256__ = None;
                let mut drift_reference__ = None;
                let mut problem_type__ = None;
                let mut classes__ = None;
                let mut positive_class__ = None;
                let mut target__ = None;
                let mut metric__ = None;
                let mut test_metrics__ = None;
                let mut threshold__ = None;
                let mut signature_inputs__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Digest => {
                            if digest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("digest"));
                            }
                            digest__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ReferenceProfile => {
                            if reference_profile__.is_some() {
                                return Err(serde::de::Error::duplicate_field("referenceProfile"));
                            }
                            reference_profile__ = map_.next_value()?;
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RegisteredAt => {
                            if registered_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("registeredAt"));
                            }
                            registered_at__ = map_.next_value()?;
                        }
                        GeneratedField::DataSha256 => {
                            if data_sha256__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dataSha256"));
                            }
                            data_sha256__ = Some(map_.next_value()?);
                        }
                        GeneratedField::DriftReference => {
                            if drift_reference__.is_some() {
                                return Err(serde::de::Error::duplicate_field("driftReference"));
                            }
                            drift_reference__ = map_.next_value()?;
                        }
                        GeneratedField::ProblemType => {
                            if problem_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("problemType"));
                            }
                            problem_type__ = Some(map_.next_value::<ProblemType>()? as i32);
                        }
                        GeneratedField::Classes => {
                            if classes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("classes"));
                            }
                            classes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PositiveClass => {
                            if positive_class__.is_some() {
                                return Err(serde::de::Error::duplicate_field("positiveClass"));
                            }
                            positive_class__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Target => {
                            if target__.is_some() {
                                return Err(serde::de::Error::duplicate_field("target"));
                            }
                            target__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Metric => {
                            if metric__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metric"));
                            }
                            metric__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TestMetrics => {
                            if test_metrics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("testMetrics"));
                            }
                            test_metrics__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::Threshold => {
                            if threshold__.is_some() {
                                return Err(serde::de::Error::duplicate_field("threshold"));
                            }
                            threshold__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::SignatureInputs => {
                            if signature_inputs__.is_some() {
                                return Err(serde::de::Error::duplicate_field("signatureInputs"));
                            }
                            signature_inputs__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Monitor {
                    endpoint: endpoint__.unwrap_or_default(),
                    model: model__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    digest: digest__.unwrap_or_default(),
                    reference_profile: reference_profile__,
                    run_id: run_id__.unwrap_or_default(),
                    registered_at: registered_at__,
                    data_sha256: data_sha256__.unwrap_or_default(),
                    drift_reference: drift_reference__,
                    problem_type: problem_type__.unwrap_or_default(),
                    classes: classes__.unwrap_or_default(),
                    positive_class: positive_class__.unwrap_or_default(),
                    target: target__.unwrap_or_default(),
                    metric: metric__.unwrap_or_default(),
                    test_metrics: test_metrics__.unwrap_or_default(),
                    threshold: threshold__.unwrap_or_default(),
                    signature_inputs: signature_inputs__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Monitor", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for MonitorCounts {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if self.events != 0 {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        if !self.rows_by_version.is_empty() {
            len += 1;
        }
        if !self.rows_by_prediction.is_empty() {
            len += 1;
        }
        if !self.missing_by_column.is_empty() {
            len += 1;
        }
        if !self.unseen_by_column.is_empty() {
            len += 1;
        }
        if self.last_sequence != 0 {
            len += 1;
        }
        if self.latency_ms_sum != 0. {
            len += 1;
        }
        if self.answers != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.MonitorCounts", len)?;
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if self.events != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("events", ToString::to_string(&self.events).as_str())?;
        }
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if !self.rows_by_version.is_empty() {
            let v: std::collections::HashMap<_, _> = self.rows_by_version.iter()
                .map(|(k, v)| (k, v.to_string())).collect();
            struct_ser.serialize_field("rowsByVersion", &v)?;
        }
        if !self.rows_by_prediction.is_empty() {
            let v: std::collections::HashMap<_, _> = self.rows_by_prediction.iter()
                .map(|(k, v)| (k, v.to_string())).collect();
            struct_ser.serialize_field("rowsByPrediction", &v)?;
        }
        if !self.missing_by_column.is_empty() {
            let v: std::collections::HashMap<_, _> = self.missing_by_column.iter()
                .map(|(k, v)| (k, v.to_string())).collect();
            struct_ser.serialize_field("missingByColumn", &v)?;
        }
        if !self.unseen_by_column.is_empty() {
            let v: std::collections::HashMap<_, _> = self.unseen_by_column.iter()
                .map(|(k, v)| (k, v.to_string())).collect();
            struct_ser.serialize_field("unseenByColumn", &v)?;
        }
        if self.last_sequence != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("lastSequence", ToString::to_string(&self.last_sequence).as_str())?;
        }
        if self.latency_ms_sum != 0. {
            struct_ser.serialize_field("latencyMsSum", &self.latency_ms_sum)?;
        }
        if self.answers != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("answers", ToString::to_string(&self.answers).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for MonitorCounts {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "endpoint",
            "events",
            "rows",
            "rows_by_version",
            "rowsByVersion",
            "rows_by_prediction",
            "rowsByPrediction",
            "missing_by_column",
            "missingByColumn",
            "unseen_by_column",
            "unseenByColumn",
            "last_sequence",
            "lastSequence",
            "latency_ms_sum",
            "latencyMsSum",
            "answers",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Endpoint,
            Events,
            Rows,
            RowsByVersion,
            RowsByPrediction,
            MissingByColumn,
            UnseenByColumn,
            LastSequence,
            LatencyMsSum,
            Answers,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "events" => Ok(GeneratedField::Events),
                            "rows" => Ok(GeneratedField::Rows),
                            "rowsByVersion" | "rows_by_version" => Ok(GeneratedField::RowsByVersion),
                            "rowsByPrediction" | "rows_by_prediction" => Ok(GeneratedField::RowsByPrediction),
                            "missingByColumn" | "missing_by_column" => Ok(GeneratedField::MissingByColumn),
                            "unseenByColumn" | "unseen_by_column" => Ok(GeneratedField::UnseenByColumn),
                            "lastSequence" | "last_sequence" => Ok(GeneratedField::LastSequence),
                            "latencyMsSum" | "latency_ms_sum" => Ok(GeneratedField::LatencyMsSum),
                            "answers" => Ok(GeneratedField::Answers),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = MonitorCounts;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.MonitorCounts")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<MonitorCounts, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut endpoint__ = None;
                let mut events__ = None;
                let mut rows__ = None;
                let mut rows_by_version__ = None;
                let mut rows_by_prediction__ = None;
                let mut missing_by_column__ = None;
                let mut unseen_by_column__ = None;
                let mut last_sequence__ = None;
                let mut latency_ms_sum__ = None;
                let mut answers__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Events => {
                            if events__.is_some() {
                                return Err(serde::de::Error::duplicate_field("events"));
                            }
                            events__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RowsByVersion => {
                            if rows_by_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rowsByVersion"));
                            }
                            rows_by_version__ = Some(
                                map_.next_value::<std::collections::BTreeMap<::pbjson::private::NumberDeserialize<u32>, ::pbjson::private::NumberDeserialize<u64>>>()?
                                    .into_iter().map(|(k,v)| (k.0, v.0)).collect()
                            );
                        }
                        GeneratedField::RowsByPrediction => {
                            if rows_by_prediction__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rowsByPrediction"));
                            }
                            rows_by_prediction__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<u64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::MissingByColumn => {
                            if missing_by_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("missingByColumn"));
                            }
                            missing_by_column__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<u64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::UnseenByColumn => {
                            if unseen_by_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("unseenByColumn"));
                            }
                            unseen_by_column__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<u64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::LastSequence => {
                            if last_sequence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lastSequence"));
                            }
                            last_sequence__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::LatencyMsSum => {
                            if latency_ms_sum__.is_some() {
                                return Err(serde::de::Error::duplicate_field("latencyMsSum"));
                            }
                            latency_ms_sum__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Answers => {
                            if answers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("answers"));
                            }
                            answers__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(MonitorCounts {
                    endpoint: endpoint__.unwrap_or_default(),
                    events: events__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    rows_by_version: rows_by_version__.unwrap_or_default(),
                    rows_by_prediction: rows_by_prediction__.unwrap_or_default(),
                    missing_by_column: missing_by_column__.unwrap_or_default(),
                    unseen_by_column: unseen_by_column__.unwrap_or_default(),
                    last_sequence: last_sequence__.unwrap_or_default(),
                    latency_ms_sum: latency_ms_sum__.unwrap_or_default(),
                    answers: answers__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.MonitorCounts", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Monitoring {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.monitor.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if !self.digest.is_empty() {
            len += 1;
        }
        if self.reference_profile.is_some() {
            len += 1;
        }
        if !self.watched_columns.is_empty() {
            len += 1;
        }
        if !self.predictions_subject.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Monitoring", len)?;
        if !self.monitor.is_empty() {
            struct_ser.serialize_field("monitor", &self.monitor)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.digest.is_empty() {
            struct_ser.serialize_field("digest", &self.digest)?;
        }
        if let Some(v) = self.reference_profile.as_ref() {
            struct_ser.serialize_field("referenceProfile", v)?;
        }
        if !self.watched_columns.is_empty() {
            struct_ser.serialize_field("watchedColumns", &self.watched_columns)?;
        }
        if !self.predictions_subject.is_empty() {
            struct_ser.serialize_field("predictionsSubject", &self.predictions_subject)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Monitoring {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "monitor",
            "version",
            "digest",
            "reference_profile",
            "referenceProfile",
            "watched_columns",
            "watchedColumns",
            "predictions_subject",
            "predictionsSubject",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Monitor,
            Version,
            Digest,
            ReferenceProfile,
            WatchedColumns,
            PredictionsSubject,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "monitor" => Ok(GeneratedField::Monitor),
                            "version" => Ok(GeneratedField::Version),
                            "digest" => Ok(GeneratedField::Digest),
                            "referenceProfile" | "reference_profile" => Ok(GeneratedField::ReferenceProfile),
                            "watchedColumns" | "watched_columns" => Ok(GeneratedField::WatchedColumns),
                            "predictionsSubject" | "predictions_subject" => Ok(GeneratedField::PredictionsSubject),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Monitoring;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Monitoring")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Monitoring, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut monitor__ = None;
                let mut version__ = None;
                let mut digest__ = None;
                let mut reference_profile__ = None;
                let mut watched_columns__ = None;
                let mut predictions_subject__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Monitor => {
                            if monitor__.is_some() {
                                return Err(serde::de::Error::duplicate_field("monitor"));
                            }
                            monitor__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Digest => {
                            if digest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("digest"));
                            }
                            digest__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ReferenceProfile => {
                            if reference_profile__.is_some() {
                                return Err(serde::de::Error::duplicate_field("referenceProfile"));
                            }
                            reference_profile__ = map_.next_value()?;
                        }
                        GeneratedField::WatchedColumns => {
                            if watched_columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("watchedColumns"));
                            }
                            watched_columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PredictionsSubject => {
                            if predictions_subject__.is_some() {
                                return Err(serde::de::Error::duplicate_field("predictionsSubject"));
                            }
                            predictions_subject__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Monitoring {
                    monitor: monitor__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    digest: digest__.unwrap_or_default(),
                    reference_profile: reference_profile__,
                    watched_columns: watched_columns__.unwrap_or_default(),
                    predictions_subject: predictions_subject__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Monitoring", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for MonotoneConstraint {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.column.is_empty() {
            len += 1;
        }
        if self.direction != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.MonotoneConstraint", len)?;
        if !self.column.is_empty() {
            struct_ser.serialize_field("column", &self.column)?;
        }
        if self.direction != 0 {
            let v = MonotoneDirection::try_from(self.direction)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.direction)))?;
            struct_ser.serialize_field("direction", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for MonotoneConstraint {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "column",
            "direction",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Column,
            Direction,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "column" => Ok(GeneratedField::Column),
                            "direction" => Ok(GeneratedField::Direction),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = MonotoneConstraint;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.MonotoneConstraint")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<MonotoneConstraint, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut column__ = None;
                let mut direction__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Column => {
                            if column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("column"));
                            }
                            column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Direction => {
                            if direction__.is_some() {
                                return Err(serde::de::Error::duplicate_field("direction"));
                            }
                            direction__ = Some(map_.next_value::<MonotoneDirection>()? as i32);
                        }
                    }
                }
                Ok(MonotoneConstraint {
                    column: column__.unwrap_or_default(),
                    direction: direction__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.MonotoneConstraint", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for MonotoneDirection {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "MONOTONE_DIRECTION_UNSPECIFIED",
            Self::Increasing => "MONOTONE_DIRECTION_INCREASING",
            Self::Decreasing => "MONOTONE_DIRECTION_DECREASING",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for MonotoneDirection {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "MONOTONE_DIRECTION_UNSPECIFIED",
            "MONOTONE_DIRECTION_INCREASING",
            "MONOTONE_DIRECTION_DECREASING",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = MonotoneDirection;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "MONOTONE_DIRECTION_UNSPECIFIED" => Ok(MonotoneDirection::Unspecified),
                    "MONOTONE_DIRECTION_INCREASING" => Ok(MonotoneDirection::Increasing),
                    "MONOTONE_DIRECTION_DECREASING" => Ok(MonotoneDirection::Decreasing),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Note {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.text.is_empty() {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if !self.by.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Note", len)?;
        if !self.text.is_empty() {
            struct_ser.serialize_field("text", &self.text)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if !self.by.is_empty() {
            struct_ser.serialize_field("by", &self.by)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Note {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "text",
            "at",
            "by",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Text,
            At,
            By,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "text" => Ok(GeneratedField::Text),
                            "at" => Ok(GeneratedField::At),
                            "by" => Ok(GeneratedField::By),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Note;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Note")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Note, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut text__ = None;
                let mut at__ = None;
                let mut by__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Text => {
                            if text__.is_some() {
                                return Err(serde::de::Error::duplicate_field("text"));
                            }
                            text__ = Some(map_.next_value()?);
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::By => {
                            if by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("by"));
                            }
                            by__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Note {
                    text: text__.unwrap_or_default(),
                    at: at__,
                    by: by__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Note", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for OutlierRule {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "OUTLIER_RULE_UNSPECIFIED",
            Self::Keep => "OUTLIER_RULE_KEEP",
            Self::Iqr => "OUTLIER_RULE_IQR",
            Self::ZScore => "OUTLIER_RULE_Z_SCORE",
            Self::IsolationForest => "OUTLIER_RULE_ISOLATION_FOREST",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for OutlierRule {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "OUTLIER_RULE_UNSPECIFIED",
            "OUTLIER_RULE_KEEP",
            "OUTLIER_RULE_IQR",
            "OUTLIER_RULE_Z_SCORE",
            "OUTLIER_RULE_ISOLATION_FOREST",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = OutlierRule;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "OUTLIER_RULE_UNSPECIFIED" => Ok(OutlierRule::Unspecified),
                    "OUTLIER_RULE_KEEP" => Ok(OutlierRule::Keep),
                    "OUTLIER_RULE_IQR" => Ok(OutlierRule::Iqr),
                    "OUTLIER_RULE_Z_SCORE" => Ok(OutlierRule::ZScore),
                    "OUTLIER_RULE_ISOLATION_FOREST" => Ok(OutlierRule::IsolationForest),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for OutlierTreatment {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "OUTLIER_TREATMENT_UNSPECIFIED",
            Self::Cap => "OUTLIER_TREATMENT_CAP",
            Self::Null => "OUTLIER_TREATMENT_NULL",
            Self::Drop => "OUTLIER_TREATMENT_DROP",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for OutlierTreatment {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "OUTLIER_TREATMENT_UNSPECIFIED",
            "OUTLIER_TREATMENT_CAP",
            "OUTLIER_TREATMENT_NULL",
            "OUTLIER_TREATMENT_DROP",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = OutlierTreatment;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "OUTLIER_TREATMENT_UNSPECIFIED" => Ok(OutlierTreatment::Unspecified),
                    "OUTLIER_TREATMENT_CAP" => Ok(OutlierTreatment::Cap),
                    "OUTLIER_TREATMENT_NULL" => Ok(OutlierTreatment::Null),
                    "OUTLIER_TREATMENT_DROP" => Ok(OutlierTreatment::Drop),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for ParameterRange {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.name.is_empty() {
            len += 1;
        }
        if self.low != 0. {
            len += 1;
        }
        if self.high != 0. {
            len += 1;
        }
        if self.log {
            len += 1;
        }
        if self.integer {
            len += 1;
        }
        if self.default != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ParameterRange", len)?;
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if self.low != 0. {
            struct_ser.serialize_field("low", &self.low)?;
        }
        if self.high != 0. {
            struct_ser.serialize_field("high", &self.high)?;
        }
        if self.log {
            struct_ser.serialize_field("log", &self.log)?;
        }
        if self.integer {
            struct_ser.serialize_field("integer", &self.integer)?;
        }
        if self.default != 0. {
            struct_ser.serialize_field("default", &self.default)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ParameterRange {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "low",
            "high",
            "log",
            "integer",
            "default",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Low,
            High,
            Log,
            Integer,
            Default,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "low" => Ok(GeneratedField::Low),
                            "high" => Ok(GeneratedField::High),
                            "log" => Ok(GeneratedField::Log),
                            "integer" => Ok(GeneratedField::Integer),
                            "default" => Ok(GeneratedField::Default),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ParameterRange;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ParameterRange")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ParameterRange, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut low__ = None;
                let mut high__ = None;
                let mut log__ = None;
                let mut integer__ = None;
                let mut default__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Low => {
                            if low__.is_some() {
                                return Err(serde::de::Error::duplicate_field("low"));
                            }
                            low__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::High => {
                            if high__.is_some() {
                                return Err(serde::de::Error::duplicate_field("high"));
                            }
                            high__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Log => {
                            if log__.is_some() {
                                return Err(serde::de::Error::duplicate_field("log"));
                            }
                            log__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Integer => {
                            if integer__.is_some() {
                                return Err(serde::de::Error::duplicate_field("integer"));
                            }
                            integer__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Default => {
                            if default__.is_some() {
                                return Err(serde::de::Error::duplicate_field("default"));
                            }
                            default__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ParameterRange {
                    name: name__.unwrap_or_default(),
                    low: low__.unwrap_or_default(),
                    high: high__.unwrap_or_default(),
                    log: log__.unwrap_or_default(),
                    integer: integer__.unwrap_or_default(),
                    default: default__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ParameterRange", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Pause {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.seconds != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Pause", len)?;
        if self.seconds != 0. {
            struct_ser.serialize_field("seconds", &self.seconds)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Pause {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "seconds",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Seconds,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "seconds" => Ok(GeneratedField::Seconds),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Pause;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Pause")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Pause, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut seconds__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Seconds => {
                            if seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seconds"));
                            }
                            seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Pause {
                    seconds: seconds__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Pause", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Performance {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if self.labelled != 0 {
            len += 1;
        }
        if !self.metrics.is_empty() {
            len += 1;
        }
        if !self.reference.is_empty() {
            len += 1;
        }
        if !self.estimated.is_empty() {
            len += 1;
        }
        if self.estimated_rows != 0 {
            len += 1;
        }
        if !self.segments.is_empty() {
            len += 1;
        }
        if self.first_at.is_some() {
            len += 1;
        }
        if self.joined != 0 {
            len += 1;
        }
        if self.unmatched != 0 {
            len += 1;
        }
        if self.repeated_outcomes != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Performance", len)?;
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if self.labelled != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("labelled", ToString::to_string(&self.labelled).as_str())?;
        }
        if !self.metrics.is_empty() {
            struct_ser.serialize_field("metrics", &self.metrics)?;
        }
        if !self.reference.is_empty() {
            struct_ser.serialize_field("reference", &self.reference)?;
        }
        if !self.estimated.is_empty() {
            struct_ser.serialize_field("estimated", &self.estimated)?;
        }
        if self.estimated_rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("estimatedRows", ToString::to_string(&self.estimated_rows).as_str())?;
        }
        if !self.segments.is_empty() {
            struct_ser.serialize_field("segments", &self.segments)?;
        }
        if let Some(v) = self.first_at.as_ref() {
            struct_ser.serialize_field("firstAt", v)?;
        }
        if self.joined != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("joined", ToString::to_string(&self.joined).as_str())?;
        }
        if self.unmatched != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("unmatched", ToString::to_string(&self.unmatched).as_str())?;
        }
        if self.repeated_outcomes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("repeatedOutcomes", ToString::to_string(&self.repeated_outcomes).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Performance {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "endpoint",
            "version",
            "at",
            "labelled",
            "metrics",
            "reference",
            "estimated",
            "estimated_rows",
            "estimatedRows",
            "segments",
            "first_at",
            "firstAt",
            "joined",
            "unmatched",
            "repeated_outcomes",
            "repeatedOutcomes",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Endpoint,
            Version,
            At,
            Labelled,
            Metrics,
            Reference,
            Estimated,
            EstimatedRows,
            Segments,
            FirstAt,
            Joined,
            Unmatched,
            RepeatedOutcomes,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "version" => Ok(GeneratedField::Version),
                            "at" => Ok(GeneratedField::At),
                            "labelled" => Ok(GeneratedField::Labelled),
                            "metrics" => Ok(GeneratedField::Metrics),
                            "reference" => Ok(GeneratedField::Reference),
                            "estimated" => Ok(GeneratedField::Estimated),
                            "estimatedRows" | "estimated_rows" => Ok(GeneratedField::EstimatedRows),
                            "segments" => Ok(GeneratedField::Segments),
                            "firstAt" | "first_at" => Ok(GeneratedField::FirstAt),
                            "joined" => Ok(GeneratedField::Joined),
                            "unmatched" => Ok(GeneratedField::Unmatched),
                            "repeatedOutcomes" | "repeated_outcomes" => Ok(GeneratedField::RepeatedOutcomes),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Performance;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Performance")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Performance, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut endpoint__ = None;
                let mut version__ = None;
                let mut at__ = None;
                let mut labelled__ = None;
                let mut metrics__ = None;
                let mut reference__ = None;
                let mut estimated__ = None;
                let mut estimated_rows__ = None;
                let mut segments__ = None;
                let mut first_at__ = None;
                let mut joined__ = None;
                let mut unmatched__ = None;
                let mut repeated_outcomes__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::Labelled => {
                            if labelled__.is_some() {
                                return Err(serde::de::Error::duplicate_field("labelled"));
                            }
                            labelled__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Metrics => {
                            if metrics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metrics"));
                            }
                            metrics__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::Reference => {
                            if reference__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reference"));
                            }
                            reference__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::Estimated => {
                            if estimated__.is_some() {
                                return Err(serde::de::Error::duplicate_field("estimated"));
                            }
                            estimated__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::EstimatedRows => {
                            if estimated_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("estimatedRows"));
                            }
                            estimated_rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Segments => {
                            if segments__.is_some() {
                                return Err(serde::de::Error::duplicate_field("segments"));
                            }
                            segments__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FirstAt => {
                            if first_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("firstAt"));
                            }
                            first_at__ = map_.next_value()?;
                        }
                        GeneratedField::Joined => {
                            if joined__.is_some() {
                                return Err(serde::de::Error::duplicate_field("joined"));
                            }
                            joined__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Unmatched => {
                            if unmatched__.is_some() {
                                return Err(serde::de::Error::duplicate_field("unmatched"));
                            }
                            unmatched__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RepeatedOutcomes => {
                            if repeated_outcomes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("repeatedOutcomes"));
                            }
                            repeated_outcomes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Performance {
                    endpoint: endpoint__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    at: at__,
                    labelled: labelled__.unwrap_or_default(),
                    metrics: metrics__.unwrap_or_default(),
                    reference: reference__.unwrap_or_default(),
                    estimated: estimated__.unwrap_or_default(),
                    estimated_rows: estimated_rows__.unwrap_or_default(),
                    segments: segments__.unwrap_or_default(),
                    first_at: first_at__,
                    joined: joined__.unwrap_or_default(),
                    unmatched: unmatched__.unwrap_or_default(),
                    repeated_outcomes: repeated_outcomes__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Performance", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Plan {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.agents.is_empty() {
            len += 1;
        }
        if self.deadline.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Plan", len)?;
        if !self.agents.is_empty() {
            struct_ser.serialize_field("agents", &self.agents)?;
        }
        if let Some(v) = self.deadline.as_ref() {
            struct_ser.serialize_field("deadline", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Plan {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "agents",
            "deadline",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Agents,
            Deadline,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "agents" => Ok(GeneratedField::Agents),
                            "deadline" => Ok(GeneratedField::Deadline),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Plan;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Plan")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Plan, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut agents__ = None;
                let mut deadline__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Agents => {
                            if agents__.is_some() {
                                return Err(serde::de::Error::duplicate_field("agents"));
                            }
                            agents__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Deadline => {
                            if deadline__.is_some() {
                                return Err(serde::de::Error::duplicate_field("deadline"));
                            }
                            deadline__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Plan {
                    agents: agents__.unwrap_or_default(),
                    deadline: deadline__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Plan", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Predicate {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.column.is_empty() {
            len += 1;
        }
        if self.operator != 0 {
            len += 1;
        }
        if !self.values.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Predicate", len)?;
        if !self.column.is_empty() {
            struct_ser.serialize_field("column", &self.column)?;
        }
        if self.operator != 0 {
            let v = PredicateOperator::try_from(self.operator)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.operator)))?;
            struct_ser.serialize_field("operator", &v)?;
        }
        if !self.values.is_empty() {
            struct_ser.serialize_field("values", &self.values)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Predicate {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "column",
            "operator",
            "values",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Column,
            Operator,
            Values,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "column" => Ok(GeneratedField::Column),
                            "operator" => Ok(GeneratedField::Operator),
                            "values" => Ok(GeneratedField::Values),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Predicate;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Predicate")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Predicate, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut column__ = None;
                let mut operator__ = None;
                let mut values__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Column => {
                            if column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("column"));
                            }
                            column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Operator => {
                            if operator__.is_some() {
                                return Err(serde::de::Error::duplicate_field("operator"));
                            }
                            operator__ = Some(map_.next_value::<PredicateOperator>()? as i32);
                        }
                        GeneratedField::Values => {
                            if values__.is_some() {
                                return Err(serde::de::Error::duplicate_field("values"));
                            }
                            values__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Predicate {
                    column: column__.unwrap_or_default(),
                    operator: operator__.unwrap_or_default(),
                    values: values__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Predicate", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for PredicateOperator {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "PREDICATE_OPERATOR_UNSPECIFIED",
            Self::Equal => "PREDICATE_OPERATOR_EQUAL",
            Self::NotEqual => "PREDICATE_OPERATOR_NOT_EQUAL",
            Self::Greater => "PREDICATE_OPERATOR_GREATER",
            Self::GreaterOrEqual => "PREDICATE_OPERATOR_GREATER_OR_EQUAL",
            Self::Less => "PREDICATE_OPERATOR_LESS",
            Self::LessOrEqual => "PREDICATE_OPERATOR_LESS_OR_EQUAL",
            Self::In => "PREDICATE_OPERATOR_IN",
            Self::NotIn => "PREDICATE_OPERATOR_NOT_IN",
            Self::Between => "PREDICATE_OPERATOR_BETWEEN",
            Self::Contains => "PREDICATE_OPERATOR_CONTAINS",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for PredicateOperator {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "PREDICATE_OPERATOR_UNSPECIFIED",
            "PREDICATE_OPERATOR_EQUAL",
            "PREDICATE_OPERATOR_NOT_EQUAL",
            "PREDICATE_OPERATOR_GREATER",
            "PREDICATE_OPERATOR_GREATER_OR_EQUAL",
            "PREDICATE_OPERATOR_LESS",
            "PREDICATE_OPERATOR_LESS_OR_EQUAL",
            "PREDICATE_OPERATOR_IN",
            "PREDICATE_OPERATOR_NOT_IN",
            "PREDICATE_OPERATOR_BETWEEN",
            "PREDICATE_OPERATOR_CONTAINS",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = PredicateOperator;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "PREDICATE_OPERATOR_UNSPECIFIED" => Ok(PredicateOperator::Unspecified),
                    "PREDICATE_OPERATOR_EQUAL" => Ok(PredicateOperator::Equal),
                    "PREDICATE_OPERATOR_NOT_EQUAL" => Ok(PredicateOperator::NotEqual),
                    "PREDICATE_OPERATOR_GREATER" => Ok(PredicateOperator::Greater),
                    "PREDICATE_OPERATOR_GREATER_OR_EQUAL" => Ok(PredicateOperator::GreaterOrEqual),
                    "PREDICATE_OPERATOR_LESS" => Ok(PredicateOperator::Less),
                    "PREDICATE_OPERATOR_LESS_OR_EQUAL" => Ok(PredicateOperator::LessOrEqual),
                    "PREDICATE_OPERATOR_IN" => Ok(PredicateOperator::In),
                    "PREDICATE_OPERATOR_NOT_IN" => Ok(PredicateOperator::NotIn),
                    "PREDICATE_OPERATOR_BETWEEN" => Ok(PredicateOperator::Between),
                    "PREDICATE_OPERATOR_CONTAINS" => Ok(PredicateOperator::Contains),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for PredictionEvent {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.event_id.is_empty() {
            len += 1;
        }
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if !self.digest.is_empty() {
            len += 1;
        }
        if !self.inputs.is_empty() {
            len += 1;
        }
        if !self.outputs.is_empty() {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        if !self.server.is_empty() {
            len += 1;
        }
        if !self.answers.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.PredictionEvent", len)?;
        if !self.event_id.is_empty() {
            struct_ser.serialize_field("eventId", &self.event_id)?;
        }
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.digest.is_empty() {
            struct_ser.serialize_field("digest", &self.digest)?;
        }
        if !self.inputs.is_empty() {
            struct_ser.serialize_field("inputs", &self.inputs)?;
        }
        if !self.outputs.is_empty() {
            struct_ser.serialize_field("outputs", &self.outputs)?;
        }
        if self.rows != 0 {
            struct_ser.serialize_field("rows", &self.rows)?;
        }
        if !self.server.is_empty() {
            struct_ser.serialize_field("server", &self.server)?;
        }
        if !self.answers.is_empty() {
            struct_ser.serialize_field("answers", &self.answers)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for PredictionEvent {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "event_id",
            "eventId",
            "endpoint",
            "version",
            "digest",
            "inputs",
            "outputs",
            "rows",
            "server",
            "answers",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            EventId,
            Endpoint,
            Version,
            Digest,
            Inputs,
            Outputs,
            Rows,
            Server,
            Answers,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "eventId" | "event_id" => Ok(GeneratedField::EventId),
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "version" => Ok(GeneratedField::Version),
                            "digest" => Ok(GeneratedField::Digest),
                            "inputs" => Ok(GeneratedField::Inputs),
                            "outputs" => Ok(GeneratedField::Outputs),
                            "rows" => Ok(GeneratedField::Rows),
                            "server" => Ok(GeneratedField::Server),
                            "answers" => Ok(GeneratedField::Answers),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = PredictionEvent;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.PredictionEvent")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<PredictionEvent, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut event_id__ = None;
                let mut endpoint__ = None;
                let mut version__ = None;
                let mut digest__ = None;
                let mut inputs__ = None;
                let mut outputs__ = None;
                let mut rows__ = None;
                let mut server__ = None;
                let mut answers__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::EventId => {
                            if event_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("eventId"));
                            }
                            event_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Digest => {
                            if digest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("digest"));
                            }
                            digest__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Inputs => {
                            if inputs__.is_some() {
                                return Err(serde::de::Error::duplicate_field("inputs"));
                            }
                            inputs__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Outputs => {
                            if outputs__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outputs"));
                            }
                            outputs__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Server => {
                            if server__.is_some() {
                                return Err(serde::de::Error::duplicate_field("server"));
                            }
                            server__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Answers => {
                            if answers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("answers"));
                            }
                            answers__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(PredictionEvent {
                    event_id: event_id__.unwrap_or_default(),
                    endpoint: endpoint__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    digest: digest__.unwrap_or_default(),
                    inputs: inputs__.unwrap_or_default(),
                    outputs: outputs__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    server: server__.unwrap_or_default(),
                    answers: answers__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.PredictionEvent", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for PreparedData {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.train.is_some() {
            len += 1;
        }
        if self.validation.is_some() {
            len += 1;
        }
        if self.test.is_some() {
            len += 1;
        }
        if self.hold_out.is_some() {
            len += 1;
        }
        if !self.columns.is_empty() {
            len += 1;
        }
        if !self.excluded_columns.is_empty() {
            len += 1;
        }
        if self.profile.is_some() {
            len += 1;
        }
        if self.quality_report.is_some() {
            len += 1;
        }
        if self.quality_gate.is_some() {
            len += 1;
        }
        if self.cleaning_plan.is_some() {
            len += 1;
        }
        if self.rows.is_some() {
            len += 1;
        }
        if !self.source_sha256.is_empty() {
            len += 1;
        }
        if !self.classes.is_empty() {
            len += 1;
        }
        if self.validation_result.is_some() {
            len += 1;
        }
        if self.split_method != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.PreparedData", len)?;
        if let Some(v) = self.train.as_ref() {
            struct_ser.serialize_field("train", v)?;
        }
        if let Some(v) = self.validation.as_ref() {
            struct_ser.serialize_field("validation", v)?;
        }
        if let Some(v) = self.test.as_ref() {
            struct_ser.serialize_field("test", v)?;
        }
        if let Some(v) = self.hold_out.as_ref() {
            struct_ser.serialize_field("holdOut", v)?;
        }
        if !self.columns.is_empty() {
            struct_ser.serialize_field("columns", &self.columns)?;
        }
        if !self.excluded_columns.is_empty() {
            struct_ser.serialize_field("excludedColumns", &self.excluded_columns)?;
        }
        if let Some(v) = self.profile.as_ref() {
            struct_ser.serialize_field("profile", v)?;
        }
        if let Some(v) = self.quality_report.as_ref() {
            struct_ser.serialize_field("qualityReport", v)?;
        }
        if let Some(v) = self.quality_gate.as_ref() {
            struct_ser.serialize_field("qualityGate", v)?;
        }
        if let Some(v) = self.cleaning_plan.as_ref() {
            struct_ser.serialize_field("cleaningPlan", v)?;
        }
        if let Some(v) = self.rows.as_ref() {
            struct_ser.serialize_field("rows", v)?;
        }
        if !self.source_sha256.is_empty() {
            struct_ser.serialize_field("sourceSha256", &self.source_sha256)?;
        }
        if !self.classes.is_empty() {
            struct_ser.serialize_field("classes", &self.classes)?;
        }
        if let Some(v) = self.validation_result.as_ref() {
            struct_ser.serialize_field("validationResult", v)?;
        }
        if self.split_method != 0 {
            let v = SplitMethod::try_from(self.split_method)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.split_method)))?;
            struct_ser.serialize_field("splitMethod", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for PreparedData {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "train",
            "validation",
            "test",
            "hold_out",
            "holdOut",
            "columns",
            "excluded_columns",
            "excludedColumns",
            "profile",
            "quality_report",
            "qualityReport",
            "quality_gate",
            "qualityGate",
            "cleaning_plan",
            "cleaningPlan",
            "rows",
            "source_sha256",
            "sourceSha256",
            "classes",
            "validation_result",
            "validationResult",
            "split_method",
            "splitMethod",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Train,
            Validation,
            Test,
            HoldOut,
            Columns,
            ExcludedColumns,
            Profile,
            QualityReport,
            QualityGate,
            CleaningPlan,
            Rows,
            SourceSha256,
            Classes,
            ValidationResult,
            SplitMethod,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "train" => Ok(GeneratedField::Train),
                            "validation" => Ok(GeneratedField::Validation),
                            "test" => Ok(GeneratedField::Test),
                            "holdOut" | "hold_out" => Ok(GeneratedField::HoldOut),
                            "columns" => Ok(GeneratedField::Columns),
                            "excludedColumns" | "excluded_columns" => Ok(GeneratedField::ExcludedColumns),
                            "profile" => Ok(GeneratedField::Profile),
                            "qualityReport" | "quality_report" => Ok(GeneratedField::QualityReport),
                            "qualityGate" | "quality_gate" => Ok(GeneratedField::QualityGate),
                            "cleaningPlan" | "cleaning_plan" => Ok(GeneratedField::CleaningPlan),
                            "rows" => Ok(GeneratedField::Rows),
                            "sourceSha256" | "source_sha256" => Ok(GeneratedField::SourceSha256),
                            "classes" => Ok(GeneratedField::Classes),
                            "validationResult" | "validation_result" => Ok(GeneratedField::ValidationResult),
                            "splitMethod" | "split_method" => Ok(GeneratedField::SplitMethod),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = PreparedData;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.PreparedData")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<PreparedData, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut train__ = None;
                let mut validation__ = None;
                let mut test__ = None;
                let mut hold_out__ = None;
                let mut columns__ = None;
                let mut excluded_columns__ = None;
                let mut profile__ = None;
                let mut quality_report__ = None;
                let mut quality_gate__ = None;
                let mut cleaning_plan__ = None;
                let mut rows__ = None;
                let mut source_sha256__ = None;
                let mut classes__ = None;
                let mut validation_result__ = None;
                let mut split_method__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Train => {
                            if train__.is_some() {
                                return Err(serde::de::Error::duplicate_field("train"));
                            }
                            train__ = map_.next_value()?;
                        }
                        GeneratedField::Validation => {
                            if validation__.is_some() {
                                return Err(serde::de::Error::duplicate_field("validation"));
                            }
                            validation__ = map_.next_value()?;
                        }
                        GeneratedField::Test => {
                            if test__.is_some() {
                                return Err(serde::de::Error::duplicate_field("test"));
                            }
                            test__ = map_.next_value()?;
                        }
                        GeneratedField::HoldOut => {
                            if hold_out__.is_some() {
                                return Err(serde::de::Error::duplicate_field("holdOut"));
                            }
                            hold_out__ = map_.next_value()?;
                        }
                        GeneratedField::Columns => {
                            if columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("columns"));
                            }
                            columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ExcludedColumns => {
                            if excluded_columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("excludedColumns"));
                            }
                            excluded_columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Profile => {
                            if profile__.is_some() {
                                return Err(serde::de::Error::duplicate_field("profile"));
                            }
                            profile__ = map_.next_value()?;
                        }
                        GeneratedField::QualityReport => {
                            if quality_report__.is_some() {
                                return Err(serde::de::Error::duplicate_field("qualityReport"));
                            }
                            quality_report__ = map_.next_value()?;
                        }
                        GeneratedField::QualityGate => {
                            if quality_gate__.is_some() {
                                return Err(serde::de::Error::duplicate_field("qualityGate"));
                            }
                            quality_gate__ = map_.next_value()?;
                        }
                        GeneratedField::CleaningPlan => {
                            if cleaning_plan__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cleaningPlan"));
                            }
                            cleaning_plan__ = map_.next_value()?;
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = map_.next_value()?;
                        }
                        GeneratedField::SourceSha256 => {
                            if source_sha256__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sourceSha256"));
                            }
                            source_sha256__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Classes => {
                            if classes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("classes"));
                            }
                            classes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ValidationResult => {
                            if validation_result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("validationResult"));
                            }
                            validation_result__ = map_.next_value()?;
                        }
                        GeneratedField::SplitMethod => {
                            if split_method__.is_some() {
                                return Err(serde::de::Error::duplicate_field("splitMethod"));
                            }
                            split_method__ = Some(map_.next_value::<SplitMethod>()? as i32);
                        }
                    }
                }
                Ok(PreparedData {
                    train: train__,
                    validation: validation__,
                    test: test__,
                    hold_out: hold_out__,
                    columns: columns__.unwrap_or_default(),
                    excluded_columns: excluded_columns__.unwrap_or_default(),
                    profile: profile__,
                    quality_report: quality_report__,
                    quality_gate: quality_gate__,
                    cleaning_plan: cleaning_plan__,
                    rows: rows__,
                    source_sha256: source_sha256__.unwrap_or_default(),
                    classes: classes__.unwrap_or_default(),
                    validation_result: validation_result__,
                    split_method: split_method__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.PreparedData", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Priority {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "PRIORITY_UNSPECIFIED",
            Self::Low => "PRIORITY_LOW",
            Self::Normal => "PRIORITY_NORMAL",
            Self::High => "PRIORITY_HIGH",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for Priority {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "PRIORITY_UNSPECIFIED",
            "PRIORITY_LOW",
            "PRIORITY_NORMAL",
            "PRIORITY_HIGH",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = Priority;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "PRIORITY_UNSPECIFIED" => Ok(Priority::Unspecified),
                    "PRIORITY_LOW" => Ok(Priority::Low),
                    "PRIORITY_NORMAL" => Ok(Priority::Normal),
                    "PRIORITY_HIGH" => Ok(Priority::High),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for ProblemType {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "PROBLEM_TYPE_UNSPECIFIED",
            Self::Binary => "PROBLEM_TYPE_BINARY",
            Self::Multiclass => "PROBLEM_TYPE_MULTICLASS",
            Self::Regression => "PROBLEM_TYPE_REGRESSION",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for ProblemType {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "PROBLEM_TYPE_UNSPECIFIED",
            "PROBLEM_TYPE_BINARY",
            "PROBLEM_TYPE_MULTICLASS",
            "PROBLEM_TYPE_REGRESSION",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = ProblemType;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "PROBLEM_TYPE_UNSPECIFIED" => Ok(ProblemType::Unspecified),
                    "PROBLEM_TYPE_BINARY" => Ok(ProblemType::Binary),
                    "PROBLEM_TYPE_MULTICLASS" => Ok(ProblemType::Multiclass),
                    "PROBLEM_TYPE_REGRESSION" => Ok(ProblemType::Regression),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for QualityGate {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.passed {
            len += 1;
        }
        if self.score != 0. {
            len += 1;
        }
        if self.threshold != 0. {
            len += 1;
        }
        if !self.dimensions.is_empty() {
            len += 1;
        }
        if !self.issues.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.QualityGate", len)?;
        if self.passed {
            struct_ser.serialize_field("passed", &self.passed)?;
        }
        if self.score != 0. {
            struct_ser.serialize_field("score", &self.score)?;
        }
        if self.threshold != 0. {
            struct_ser.serialize_field("threshold", &self.threshold)?;
        }
        if !self.dimensions.is_empty() {
            struct_ser.serialize_field("dimensions", &self.dimensions)?;
        }
        if !self.issues.is_empty() {
            struct_ser.serialize_field("issues", &self.issues)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for QualityGate {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "passed",
            "score",
            "threshold",
            "dimensions",
            "issues",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Passed,
            Score,
            Threshold,
            Dimensions,
            Issues,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "passed" => Ok(GeneratedField::Passed),
                            "score" => Ok(GeneratedField::Score),
                            "threshold" => Ok(GeneratedField::Threshold),
                            "dimensions" => Ok(GeneratedField::Dimensions),
                            "issues" => Ok(GeneratedField::Issues),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = QualityGate;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.QualityGate")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<QualityGate, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut passed__ = None;
                let mut score__ = None;
                let mut threshold__ = None;
                let mut dimensions__ = None;
                let mut issues__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Passed => {
                            if passed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("passed"));
                            }
                            passed__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Score => {
                            if score__.is_some() {
                                return Err(serde::de::Error::duplicate_field("score"));
                            }
                            score__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Threshold => {
                            if threshold__.is_some() {
                                return Err(serde::de::Error::duplicate_field("threshold"));
                            }
                            threshold__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Dimensions => {
                            if dimensions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dimensions"));
                            }
                            dimensions__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::Issues => {
                            if issues__.is_some() {
                                return Err(serde::de::Error::duplicate_field("issues"));
                            }
                            issues__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(QualityGate {
                    passed: passed__.unwrap_or_default(),
                    score: score__.unwrap_or_default(),
                    threshold: threshold__.unwrap_or_default(),
                    dimensions: dimensions__.unwrap_or_default(),
                    issues: issues__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.QualityGate", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for QualityIssue {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.code.is_empty() {
            len += 1;
        }
        if self.blocking {
            len += 1;
        }
        if !self.column.is_empty() {
            len += 1;
        }
        if !self.message.is_empty() {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.QualityIssue", len)?;
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        if self.blocking {
            struct_ser.serialize_field("blocking", &self.blocking)?;
        }
        if !self.column.is_empty() {
            struct_ser.serialize_field("column", &self.column)?;
        }
        if !self.message.is_empty() {
            struct_ser.serialize_field("message", &self.message)?;
        }
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for QualityIssue {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "code",
            "blocking",
            "column",
            "message",
            "rows",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Code,
            Blocking,
            Column,
            Message,
            Rows,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "code" => Ok(GeneratedField::Code),
                            "blocking" => Ok(GeneratedField::Blocking),
                            "column" => Ok(GeneratedField::Column),
                            "message" => Ok(GeneratedField::Message),
                            "rows" => Ok(GeneratedField::Rows),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = QualityIssue;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.QualityIssue")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<QualityIssue, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut code__ = None;
                let mut blocking__ = None;
                let mut column__ = None;
                let mut message__ = None;
                let mut rows__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Blocking => {
                            if blocking__.is_some() {
                                return Err(serde::de::Error::duplicate_field("blocking"));
                            }
                            blocking__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Column => {
                            if column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("column"));
                            }
                            column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(QualityIssue {
                    code: code__.unwrap_or_default(),
                    blocking: blocking__.unwrap_or_default(),
                    column: column__.unwrap_or_default(),
                    message: message__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.QualityIssue", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RecordAction {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "RECORD_ACTION_UNSPECIFIED",
            Self::Registered => "RECORD_ACTION_REGISTERED",
            Self::Stage => "RECORD_ACTION_STAGE",
            Self::Production => "RECORD_ACTION_PRODUCTION",
            Self::Alias => "RECORD_ACTION_ALIAS",
            Self::Tags => "RECORD_ACTION_TAGS",
            Self::Note => "RECORD_ACTION_NOTE",
            Self::Description => "RECORD_ACTION_DESCRIPTION",
            Self::Deployment => "RECORD_ACTION_DEPLOYMENT",
            Self::Removed => "RECORD_ACTION_REMOVED",
            Self::Collected => "RECORD_ACTION_COLLECTED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for RecordAction {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "RECORD_ACTION_UNSPECIFIED",
            "RECORD_ACTION_REGISTERED",
            "RECORD_ACTION_STAGE",
            "RECORD_ACTION_PRODUCTION",
            "RECORD_ACTION_ALIAS",
            "RECORD_ACTION_TAGS",
            "RECORD_ACTION_NOTE",
            "RECORD_ACTION_DESCRIPTION",
            "RECORD_ACTION_DEPLOYMENT",
            "RECORD_ACTION_REMOVED",
            "RECORD_ACTION_COLLECTED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = RecordAction;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "RECORD_ACTION_UNSPECIFIED" => Ok(RecordAction::Unspecified),
                    "RECORD_ACTION_REGISTERED" => Ok(RecordAction::Registered),
                    "RECORD_ACTION_STAGE" => Ok(RecordAction::Stage),
                    "RECORD_ACTION_PRODUCTION" => Ok(RecordAction::Production),
                    "RECORD_ACTION_ALIAS" => Ok(RecordAction::Alias),
                    "RECORD_ACTION_TAGS" => Ok(RecordAction::Tags),
                    "RECORD_ACTION_NOTE" => Ok(RecordAction::Note),
                    "RECORD_ACTION_DESCRIPTION" => Ok(RecordAction::Description),
                    "RECORD_ACTION_DEPLOYMENT" => Ok(RecordAction::Deployment),
                    "RECORD_ACTION_REMOVED" => Ok(RecordAction::Removed),
                    "RECORD_ACTION_COLLECTED" => Ok(RecordAction::Collected),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for RecordChange {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.action != 0 {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if !self.by.is_empty() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.RecordChange", len)?;
        if self.action != 0 {
            let v = RecordAction::try_from(self.action)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.action)))?;
            struct_ser.serialize_field("action", &v)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if !self.by.is_empty() {
            struct_ser.serialize_field("by", &self.by)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RecordChange {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "action",
            "at",
            "by",
            "reason",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Action,
            At,
            By,
            Reason,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "action" => Ok(GeneratedField::Action),
                            "at" => Ok(GeneratedField::At),
                            "by" => Ok(GeneratedField::By),
                            "reason" => Ok(GeneratedField::Reason),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RecordChange;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.RecordChange")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RecordChange, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut action__ = None;
                let mut at__ = None;
                let mut by__ = None;
                let mut reason__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Action => {
                            if action__.is_some() {
                                return Err(serde::de::Error::duplicate_field("action"));
                            }
                            action__ = Some(map_.next_value::<RecordAction>()? as i32);
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::By => {
                            if by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("by"));
                            }
                            by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RecordChange {
                    action: action__.unwrap_or_default(),
                    at: at__,
                    by: by__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.RecordChange", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RegisteredModel {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.model.is_empty() {
            len += 1;
        }
        if self.latest_version != 0 {
            len += 1;
        }
        if self.production_version != 0 {
            len += 1;
        }
        if !self.description.is_empty() {
            len += 1;
        }
        if !self.tags.is_empty() {
            len += 1;
        }
        if !self.aliases.is_empty() {
            len += 1;
        }
        if self.change.is_some() {
            len += 1;
        }
        if self.created_at.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.RegisteredModel", len)?;
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.latest_version != 0 {
            struct_ser.serialize_field("latestVersion", &self.latest_version)?;
        }
        if self.production_version != 0 {
            struct_ser.serialize_field("productionVersion", &self.production_version)?;
        }
        if !self.description.is_empty() {
            struct_ser.serialize_field("description", &self.description)?;
        }
        if !self.tags.is_empty() {
            struct_ser.serialize_field("tags", &self.tags)?;
        }
        if !self.aliases.is_empty() {
            struct_ser.serialize_field("aliases", &self.aliases)?;
        }
        if let Some(v) = self.change.as_ref() {
            struct_ser.serialize_field("change", v)?;
        }
        if let Some(v) = self.created_at.as_ref() {
            struct_ser.serialize_field("createdAt", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RegisteredModel {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "model",
            "latest_version",
            "latestVersion",
            "production_version",
            "productionVersion",
            "description",
            "tags",
            "aliases",
            "change",
            "created_at",
            "createdAt",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Model,
            LatestVersion,
            ProductionVersion,
            Description,
            Tags,
            Aliases,
            Change,
            CreatedAt,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "model" => Ok(GeneratedField::Model),
                            "latestVersion" | "latest_version" => Ok(GeneratedField::LatestVersion),
                            "productionVersion" | "production_version" => Ok(GeneratedField::ProductionVersion),
                            "description" => Ok(GeneratedField::Description),
                            "tags" => Ok(GeneratedField::Tags),
                            "aliases" => Ok(GeneratedField::Aliases),
                            "change" => Ok(GeneratedField::Change),
                            "createdAt" | "created_at" => Ok(GeneratedField::CreatedAt),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RegisteredModel;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.RegisteredModel")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RegisteredModel, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut model__ = None;
                let mut latest_version__ = None;
                let mut production_version__ = None;
                let mut description__ = None;
                let mut tags__ = None;
                let mut aliases__ = None;
                let mut change__ = None;
                let mut created_at__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::LatestVersion => {
                            if latest_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("latestVersion"));
                            }
                            latest_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ProductionVersion => {
                            if production_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("productionVersion"));
                            }
                            production_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Description => {
                            if description__.is_some() {
                                return Err(serde::de::Error::duplicate_field("description"));
                            }
                            description__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Tags => {
                            if tags__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tags"));
                            }
                            tags__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::Aliases => {
                            if aliases__.is_some() {
                                return Err(serde::de::Error::duplicate_field("aliases"));
                            }
                            aliases__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<u32>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::Change => {
                            if change__.is_some() {
                                return Err(serde::de::Error::duplicate_field("change"));
                            }
                            change__ = map_.next_value()?;
                        }
                        GeneratedField::CreatedAt => {
                            if created_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("createdAt"));
                            }
                            created_at__ = map_.next_value()?;
                        }
                    }
                }
                Ok(RegisteredModel {
                    model: model__.unwrap_or_default(),
                    latest_version: latest_version__.unwrap_or_default(),
                    production_version: production_version__.unwrap_or_default(),
                    description: description__.unwrap_or_default(),
                    tags: tags__.unwrap_or_default(),
                    aliases: aliases__.unwrap_or_default(),
                    change: change__,
                    created_at: created_at__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.RegisteredModel", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RejectedAlgorithm {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.algorithm.is_empty() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.RejectedAlgorithm", len)?;
        if !self.algorithm.is_empty() {
            struct_ser.serialize_field("algorithm", &self.algorithm)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RejectedAlgorithm {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "algorithm",
            "reason",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Algorithm,
            Reason,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "algorithm" => Ok(GeneratedField::Algorithm),
                            "reason" => Ok(GeneratedField::Reason),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RejectedAlgorithm;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.RejectedAlgorithm")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RejectedAlgorithm, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut algorithm__ = None;
                let mut reason__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Algorithm => {
                            if algorithm__.is_some() {
                                return Err(serde::de::Error::duplicate_field("algorithm"));
                            }
                            algorithm__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RejectedAlgorithm {
                    algorithm: algorithm__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.RejectedAlgorithm", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RejectedFeature {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.name.is_empty() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.RejectedFeature", len)?;
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RejectedFeature {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "name",
            "reason",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Name,
            Reason,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "name" => Ok(GeneratedField::Name),
                            "reason" => Ok(GeneratedField::Reason),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RejectedFeature;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.RejectedFeature")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RejectedFeature, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut name__ = None;
                let mut reason__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RejectedFeature {
                    name: name__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.RejectedFeature", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RetrainingAttempt {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.request_id.is_empty() {
            len += 1;
        }
        if self.state != 0 {
            len += 1;
        }
        if self.cause.is_some() {
            len += 1;
        }
        if self.batch.is_some() {
            len += 1;
        }
        if self.started_at.is_some() {
            len += 1;
        }
        if self.ended_at.is_some() {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if self.seconds != 0. {
            len += 1;
        }
        if !self.issues.is_empty() {
            len += 1;
        }
        if !self.time_column.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.RetrainingAttempt", len)?;
        if !self.request_id.is_empty() {
            struct_ser.serialize_field("requestId", &self.request_id)?;
        }
        if self.state != 0 {
            let v = RetrainingState::try_from(self.state)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.state)))?;
            struct_ser.serialize_field("state", &v)?;
        }
        if let Some(v) = self.cause.as_ref() {
            struct_ser.serialize_field("cause", v)?;
        }
        if let Some(v) = self.batch.as_ref() {
            struct_ser.serialize_field("batch", v)?;
        }
        if let Some(v) = self.started_at.as_ref() {
            struct_ser.serialize_field("startedAt", v)?;
        }
        if let Some(v) = self.ended_at.as_ref() {
            struct_ser.serialize_field("endedAt", v)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if self.seconds != 0. {
            struct_ser.serialize_field("seconds", &self.seconds)?;
        }
        if !self.issues.is_empty() {
            struct_ser.serialize_field("issues", &self.issues)?;
        }
        if !self.time_column.is_empty() {
            struct_ser.serialize_field("timeColumn", &self.time_column)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RetrainingAttempt {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "request_id",
            "requestId",
            "state",
            "cause",
            "batch",
            "started_at",
            "startedAt",
            "ended_at",
            "endedAt",
            "run_id",
            "runId",
            "reason",
            "version",
            "seconds",
            "issues",
            "time_column",
            "timeColumn",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            RequestId,
            State,
            Cause,
            Batch,
            StartedAt,
            EndedAt,
            RunId,
            Reason,
            Version,
            Seconds,
            Issues,
            TimeColumn,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "requestId" | "request_id" => Ok(GeneratedField::RequestId),
                            "state" => Ok(GeneratedField::State),
                            "cause" => Ok(GeneratedField::Cause),
                            "batch" => Ok(GeneratedField::Batch),
                            "startedAt" | "started_at" => Ok(GeneratedField::StartedAt),
                            "endedAt" | "ended_at" => Ok(GeneratedField::EndedAt),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "reason" => Ok(GeneratedField::Reason),
                            "version" => Ok(GeneratedField::Version),
                            "seconds" => Ok(GeneratedField::Seconds),
                            "issues" => Ok(GeneratedField::Issues),
                            "timeColumn" | "time_column" => Ok(GeneratedField::TimeColumn),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RetrainingAttempt;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.RetrainingAttempt")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RetrainingAttempt, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut request_id__ = None;
                let mut state__ = None;
                let mut cause__ = None;
                let mut batch__ = None;
                let mut started_at__ = None;
                let mut ended_at__ = None;
                let mut run_id__ = None;
                let mut reason__ = None;
                let mut version__ = None;
                let mut seconds__ = None;
                let mut issues__ = None;
                let mut time_column__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::RequestId => {
                            if request_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestId"));
                            }
                            request_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::State => {
                            if state__.is_some() {
                                return Err(serde::de::Error::duplicate_field("state"));
                            }
                            state__ = Some(map_.next_value::<RetrainingState>()? as i32);
                        }
                        GeneratedField::Cause => {
                            if cause__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cause"));
                            }
                            cause__ = map_.next_value()?;
                        }
                        GeneratedField::Batch => {
                            if batch__.is_some() {
                                return Err(serde::de::Error::duplicate_field("batch"));
                            }
                            batch__ = map_.next_value()?;
                        }
                        GeneratedField::StartedAt => {
                            if started_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("startedAt"));
                            }
                            started_at__ = map_.next_value()?;
                        }
                        GeneratedField::EndedAt => {
                            if ended_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endedAt"));
                            }
                            ended_at__ = map_.next_value()?;
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Seconds => {
                            if seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seconds"));
                            }
                            seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Issues => {
                            if issues__.is_some() {
                                return Err(serde::de::Error::duplicate_field("issues"));
                            }
                            issues__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TimeColumn => {
                            if time_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("timeColumn"));
                            }
                            time_column__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RetrainingAttempt {
                    request_id: request_id__.unwrap_or_default(),
                    state: state__.unwrap_or_default(),
                    cause: cause__,
                    batch: batch__,
                    started_at: started_at__,
                    ended_at: ended_at__,
                    run_id: run_id__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    seconds: seconds__.unwrap_or_default(),
                    issues: issues__.unwrap_or_default(),
                    time_column: time_column__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.RetrainingAttempt", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RetrainingRecord {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if !self.attempts.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.RetrainingRecord", len)?;
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if !self.attempts.is_empty() {
            struct_ser.serialize_field("attempts", &self.attempts)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RetrainingRecord {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "endpoint",
            "attempts",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Endpoint,
            Attempts,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "attempts" => Ok(GeneratedField::Attempts),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RetrainingRecord;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.RetrainingRecord")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RetrainingRecord, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut endpoint__ = None;
                let mut attempts__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Attempts => {
                            if attempts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("attempts"));
                            }
                            attempts__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RetrainingRecord {
                    endpoint: endpoint__.unwrap_or_default(),
                    attempts: attempts__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.RetrainingRecord", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RetrainingState {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "RETRAINING_STATE_UNSPECIFIED",
            Self::Quarantined => "RETRAINING_STATE_QUARANTINED",
            Self::DryRun => "RETRAINING_STATE_DRY_RUN",
            Self::Proposed => "RETRAINING_STATE_PROPOSED",
            Self::Requested => "RETRAINING_STATE_REQUESTED",
            Self::Promoted => "RETRAINING_STATE_PROMOTED",
            Self::Rejected => "RETRAINING_STATE_REJECTED",
            Self::Failed => "RETRAINING_STATE_FAILED",
            Self::Declined => "RETRAINING_STATE_DECLINED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for RetrainingState {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "RETRAINING_STATE_UNSPECIFIED",
            "RETRAINING_STATE_QUARANTINED",
            "RETRAINING_STATE_DRY_RUN",
            "RETRAINING_STATE_PROPOSED",
            "RETRAINING_STATE_REQUESTED",
            "RETRAINING_STATE_PROMOTED",
            "RETRAINING_STATE_REJECTED",
            "RETRAINING_STATE_FAILED",
            "RETRAINING_STATE_DECLINED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = RetrainingState;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "RETRAINING_STATE_UNSPECIFIED" => Ok(RetrainingState::Unspecified),
                    "RETRAINING_STATE_QUARANTINED" => Ok(RetrainingState::Quarantined),
                    "RETRAINING_STATE_DRY_RUN" => Ok(RetrainingState::DryRun),
                    "RETRAINING_STATE_PROPOSED" => Ok(RetrainingState::Proposed),
                    "RETRAINING_STATE_REQUESTED" => Ok(RetrainingState::Requested),
                    "RETRAINING_STATE_PROMOTED" => Ok(RetrainingState::Promoted),
                    "RETRAINING_STATE_REJECTED" => Ok(RetrainingState::Rejected),
                    "RETRAINING_STATE_FAILED" => Ok(RetrainingState::Failed),
                    "RETRAINING_STATE_DECLINED" => Ok(RetrainingState::Declined),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Rollout {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.strategy != 0 {
            len += 1;
        }
        if self.candidate.is_some() {
            len += 1;
        }
        if self.plan.is_some() {
            len += 1;
        }
        if self.phase != 0 {
            len += 1;
        }
        if self.step != 0 {
            len += 1;
        }
        if self.started_at.is_some() {
            len += 1;
        }
        if self.step_started_at.is_some() {
            len += 1;
        }
        if self.measured_at.is_some() {
            len += 1;
        }
        if !self.message.is_empty() {
            len += 1;
        }
        if !self.verdicts.is_empty() {
            len += 1;
        }
        if self.successes != 0 {
            len += 1;
        }
        if self.failures != 0 {
            len += 1;
        }
        if self.inconclusive != 0 {
            len += 1;
        }
        if self.p_value != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Rollout", len)?;
        if self.strategy != 0 {
            let v = DeploymentStrategy::try_from(self.strategy)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.strategy)))?;
            struct_ser.serialize_field("strategy", &v)?;
        }
        if let Some(v) = self.candidate.as_ref() {
            struct_ser.serialize_field("candidate", v)?;
        }
        if let Some(v) = self.plan.as_ref() {
            struct_ser.serialize_field("plan", v)?;
        }
        if self.phase != 0 {
            let v = RolloutPhase::try_from(self.phase)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.phase)))?;
            struct_ser.serialize_field("phase", &v)?;
        }
        if self.step != 0 {
            struct_ser.serialize_field("step", &self.step)?;
        }
        if let Some(v) = self.started_at.as_ref() {
            struct_ser.serialize_field("startedAt", v)?;
        }
        if let Some(v) = self.step_started_at.as_ref() {
            struct_ser.serialize_field("stepStartedAt", v)?;
        }
        if let Some(v) = self.measured_at.as_ref() {
            struct_ser.serialize_field("measuredAt", v)?;
        }
        if !self.message.is_empty() {
            struct_ser.serialize_field("message", &self.message)?;
        }
        if !self.verdicts.is_empty() {
            struct_ser.serialize_field("verdicts", &self.verdicts)?;
        }
        if self.successes != 0 {
            struct_ser.serialize_field("successes", &self.successes)?;
        }
        if self.failures != 0 {
            struct_ser.serialize_field("failures", &self.failures)?;
        }
        if self.inconclusive != 0 {
            struct_ser.serialize_field("inconclusive", &self.inconclusive)?;
        }
        if self.p_value != 0. {
            struct_ser.serialize_field("pValue", &self.p_value)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Rollout {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "strategy",
            "candidate",
            "plan",
            "phase",
            "step",
            "started_at",
            "startedAt",
            "step_started_at",
            "stepStartedAt",
            "measured_at",
            "measuredAt",
            "message",
            "verdicts",
            "successes",
            "failures",
            "inconclusive",
            "p_value",
            "pValue",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Strategy,
            Candidate,
            Plan,
            Phase,
            Step,
            StartedAt,
            StepStartedAt,
            MeasuredAt,
            Message,
            Verdicts,
            Successes,
            Failures,
            Inconclusive,
            PValue,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "strategy" => Ok(GeneratedField::Strategy),
                            "candidate" => Ok(GeneratedField::Candidate),
                            "plan" => Ok(GeneratedField::Plan),
                            "phase" => Ok(GeneratedField::Phase),
                            "step" => Ok(GeneratedField::Step),
                            "startedAt" | "started_at" => Ok(GeneratedField::StartedAt),
                            "stepStartedAt" | "step_started_at" => Ok(GeneratedField::StepStartedAt),
                            "measuredAt" | "measured_at" => Ok(GeneratedField::MeasuredAt),
                            "message" => Ok(GeneratedField::Message),
                            "verdicts" => Ok(GeneratedField::Verdicts),
                            "successes" => Ok(GeneratedField::Successes),
                            "failures" => Ok(GeneratedField::Failures),
                            "inconclusive" => Ok(GeneratedField::Inconclusive),
                            "pValue" | "p_value" => Ok(GeneratedField::PValue),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Rollout;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Rollout")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Rollout, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut strategy__ = None;
                let mut candidate__ = None;
                let mut plan__ = None;
                let mut phase__ = None;
                let mut step__ = None;
                let mut started_at__ = None;
                let mut step_started_at__ = None;
                let mut measured_at__ = None;
                let mut message__ = None;
                let mut verdicts__ = None;
                let mut successes__ = None;
                let mut failures__ = None;
                let mut inconclusive__ = None;
                let mut p_value__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Strategy => {
                            if strategy__.is_some() {
                                return Err(serde::de::Error::duplicate_field("strategy"));
                            }
                            strategy__ = Some(map_.next_value::<DeploymentStrategy>()? as i32);
                        }
                        GeneratedField::Candidate => {
                            if candidate__.is_some() {
                                return Err(serde::de::Error::duplicate_field("candidate"));
                            }
                            candidate__ = map_.next_value()?;
                        }
                        GeneratedField::Plan => {
                            if plan__.is_some() {
                                return Err(serde::de::Error::duplicate_field("plan"));
                            }
                            plan__ = map_.next_value()?;
                        }
                        GeneratedField::Phase => {
                            if phase__.is_some() {
                                return Err(serde::de::Error::duplicate_field("phase"));
                            }
                            phase__ = Some(map_.next_value::<RolloutPhase>()? as i32);
                        }
                        GeneratedField::Step => {
                            if step__.is_some() {
                                return Err(serde::de::Error::duplicate_field("step"));
                            }
                            step__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::StartedAt => {
                            if started_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("startedAt"));
                            }
                            started_at__ = map_.next_value()?;
                        }
                        GeneratedField::StepStartedAt => {
                            if step_started_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("stepStartedAt"));
                            }
                            step_started_at__ = map_.next_value()?;
                        }
                        GeneratedField::MeasuredAt => {
                            if measured_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("measuredAt"));
                            }
                            measured_at__ = map_.next_value()?;
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Verdicts => {
                            if verdicts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("verdicts"));
                            }
                            verdicts__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Successes => {
                            if successes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("successes"));
                            }
                            successes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Failures => {
                            if failures__.is_some() {
                                return Err(serde::de::Error::duplicate_field("failures"));
                            }
                            failures__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Inconclusive => {
                            if inconclusive__.is_some() {
                                return Err(serde::de::Error::duplicate_field("inconclusive"));
                            }
                            inconclusive__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::PValue => {
                            if p_value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pValue"));
                            }
                            p_value__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Rollout {
                    strategy: strategy__.unwrap_or_default(),
                    candidate: candidate__,
                    plan: plan__,
                    phase: phase__.unwrap_or_default(),
                    step: step__.unwrap_or_default(),
                    started_at: started_at__,
                    step_started_at: step_started_at__,
                    measured_at: measured_at__,
                    message: message__.unwrap_or_default(),
                    verdicts: verdicts__.unwrap_or_default(),
                    successes: successes__.unwrap_or_default(),
                    failures: failures__.unwrap_or_default(),
                    inconclusive: inconclusive__.unwrap_or_default(),
                    p_value: p_value__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Rollout", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RolloutPhase {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ROLLOUT_PHASE_UNSPECIFIED",
            Self::Progressing => "ROLLOUT_PHASE_PROGRESSING",
            Self::Paused => "ROLLOUT_PHASE_PAUSED",
            Self::Succeeded => "ROLLOUT_PHASE_SUCCEEDED",
            Self::Failed => "ROLLOUT_PHASE_FAILED",
            Self::Aborted => "ROLLOUT_PHASE_ABORTED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for RolloutPhase {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ROLLOUT_PHASE_UNSPECIFIED",
            "ROLLOUT_PHASE_PROGRESSING",
            "ROLLOUT_PHASE_PAUSED",
            "ROLLOUT_PHASE_SUCCEEDED",
            "ROLLOUT_PHASE_FAILED",
            "ROLLOUT_PHASE_ABORTED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = RolloutPhase;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ROLLOUT_PHASE_UNSPECIFIED" => Ok(RolloutPhase::Unspecified),
                    "ROLLOUT_PHASE_PROGRESSING" => Ok(RolloutPhase::Progressing),
                    "ROLLOUT_PHASE_PAUSED" => Ok(RolloutPhase::Paused),
                    "ROLLOUT_PHASE_SUCCEEDED" => Ok(RolloutPhase::Succeeded),
                    "ROLLOUT_PHASE_FAILED" => Ok(RolloutPhase::Failed),
                    "ROLLOUT_PHASE_ABORTED" => Ok(RolloutPhase::Aborted),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for RolloutPlan {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.steps.is_empty() {
            len += 1;
        }
        if self.weight != 0 {
            len += 1;
        }
        if self.min_requests != 0 {
            len += 1;
        }
        if self.max_error_rate != 0. {
            len += 1;
        }
        if self.abort_error_rate != 0. {
            len += 1;
        }
        if self.max_p99_ms != 0. {
            len += 1;
        }
        if self.max_p99_ratio != 0. {
            len += 1;
        }
        if self.max_prediction_psi != 0. {
            len += 1;
        }
        if self.max_seconds != 0. {
            len += 1;
        }
        if self.on_silence != 0 {
            len += 1;
        }
        if !self.metric.is_empty() {
            len += 1;
        }
        if self.significance != 0. {
            len += 1;
        }
        if self.ensemble != 0 {
            len += 1;
        }
        if self.allow_input_changes {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.RolloutPlan", len)?;
        if !self.steps.is_empty() {
            struct_ser.serialize_field("steps", &self.steps)?;
        }
        if self.weight != 0 {
            struct_ser.serialize_field("weight", &self.weight)?;
        }
        if self.min_requests != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("minRequests", ToString::to_string(&self.min_requests).as_str())?;
        }
        if self.max_error_rate != 0. {
            struct_ser.serialize_field("maxErrorRate", &self.max_error_rate)?;
        }
        if self.abort_error_rate != 0. {
            struct_ser.serialize_field("abortErrorRate", &self.abort_error_rate)?;
        }
        if self.max_p99_ms != 0. {
            struct_ser.serialize_field("maxP99Ms", &self.max_p99_ms)?;
        }
        if self.max_p99_ratio != 0. {
            struct_ser.serialize_field("maxP99Ratio", &self.max_p99_ratio)?;
        }
        if self.max_prediction_psi != 0. {
            struct_ser.serialize_field("maxPredictionPsi", &self.max_prediction_psi)?;
        }
        if self.max_seconds != 0. {
            struct_ser.serialize_field("maxSeconds", &self.max_seconds)?;
        }
        if self.on_silence != 0 {
            let v = Silence::try_from(self.on_silence)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.on_silence)))?;
            struct_ser.serialize_field("onSilence", &v)?;
        }
        if !self.metric.is_empty() {
            struct_ser.serialize_field("metric", &self.metric)?;
        }
        if self.significance != 0. {
            struct_ser.serialize_field("significance", &self.significance)?;
        }
        if self.ensemble != 0 {
            let v = EnsembleMethod::try_from(self.ensemble)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.ensemble)))?;
            struct_ser.serialize_field("ensemble", &v)?;
        }
        if self.allow_input_changes {
            struct_ser.serialize_field("allowInputChanges", &self.allow_input_changes)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RolloutPlan {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "steps",
            "weight",
            "min_requests",
            "minRequests",
            "max_error_rate",
            "maxErrorRate",
            "abort_error_rate",
            "abortErrorRate",
            "max_p99_ms",
            "maxP99Ms",
            "max_p99_ratio",
            "maxP99Ratio",
            "max_prediction_psi",
            "maxPredictionPsi",
            "max_seconds",
            "maxSeconds",
            "on_silence",
            "onSilence",
            "metric",
            "significance",
            "ensemble",
            "allow_input_changes",
            "allowInputChanges",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Steps,
            Weight,
            MinRequests,
            MaxErrorRate,
            AbortErrorRate,
            MaxP99Ms,
            MaxP99Ratio,
            MaxPredictionPsi,
            MaxSeconds,
            OnSilence,
            Metric,
            Significance,
            Ensemble,
            AllowInputChanges,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "steps" => Ok(GeneratedField::Steps),
                            "weight" => Ok(GeneratedField::Weight),
                            "minRequests" | "min_requests" => Ok(GeneratedField::MinRequests),
                            "maxErrorRate" | "max_error_rate" => Ok(GeneratedField::MaxErrorRate),
                            "abortErrorRate" | "abort_error_rate" => Ok(GeneratedField::AbortErrorRate),
                            "maxP99Ms" | "max_p99_ms" => Ok(GeneratedField::MaxP99Ms),
                            "maxP99Ratio" | "max_p99_ratio" => Ok(GeneratedField::MaxP99Ratio),
                            "maxPredictionPsi" | "max_prediction_psi" => Ok(GeneratedField::MaxPredictionPsi),
                            "maxSeconds" | "max_seconds" => Ok(GeneratedField::MaxSeconds),
                            "onSilence" | "on_silence" => Ok(GeneratedField::OnSilence),
                            "metric" => Ok(GeneratedField::Metric),
                            "significance" => Ok(GeneratedField::Significance),
                            "ensemble" => Ok(GeneratedField::Ensemble),
                            "allowInputChanges" | "allow_input_changes" => Ok(GeneratedField::AllowInputChanges),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RolloutPlan;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.RolloutPlan")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RolloutPlan, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut steps__ = None;
                let mut weight__ = None;
                let mut min_requests__ = None;
                let mut max_error_rate__ = None;
                let mut abort_error_rate__ = None;
                let mut max_p99_ms__ = None;
                let mut max_p99_ratio__ = None;
                let mut max_prediction_psi__ = None;
                let mut max_seconds__ = None;
                let mut on_silence__ = None;
                let mut metric__ = None;
                let mut significance__ = None;
                let mut ensemble__ = None;
                let mut allow_input_changes__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Steps => {
                            if steps__.is_some() {
                                return Err(serde::de::Error::duplicate_field("steps"));
                            }
                            steps__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Weight => {
                            if weight__.is_some() {
                                return Err(serde::de::Error::duplicate_field("weight"));
                            }
                            weight__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MinRequests => {
                            if min_requests__.is_some() {
                                return Err(serde::de::Error::duplicate_field("minRequests"));
                            }
                            min_requests__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MaxErrorRate => {
                            if max_error_rate__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxErrorRate"));
                            }
                            max_error_rate__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::AbortErrorRate => {
                            if abort_error_rate__.is_some() {
                                return Err(serde::de::Error::duplicate_field("abortErrorRate"));
                            }
                            abort_error_rate__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MaxP99Ms => {
                            if max_p99_ms__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxP99Ms"));
                            }
                            max_p99_ms__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MaxP99Ratio => {
                            if max_p99_ratio__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxP99Ratio"));
                            }
                            max_p99_ratio__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MaxPredictionPsi => {
                            if max_prediction_psi__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxPredictionPsi"));
                            }
                            max_prediction_psi__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MaxSeconds => {
                            if max_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxSeconds"));
                            }
                            max_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::OnSilence => {
                            if on_silence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("onSilence"));
                            }
                            on_silence__ = Some(map_.next_value::<Silence>()? as i32);
                        }
                        GeneratedField::Metric => {
                            if metric__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metric"));
                            }
                            metric__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Significance => {
                            if significance__.is_some() {
                                return Err(serde::de::Error::duplicate_field("significance"));
                            }
                            significance__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Ensemble => {
                            if ensemble__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ensemble"));
                            }
                            ensemble__ = Some(map_.next_value::<EnsembleMethod>()? as i32);
                        }
                        GeneratedField::AllowInputChanges => {
                            if allow_input_changes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("allowInputChanges"));
                            }
                            allow_input_changes__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RolloutPlan {
                    steps: steps__.unwrap_or_default(),
                    weight: weight__.unwrap_or_default(),
                    min_requests: min_requests__.unwrap_or_default(),
                    max_error_rate: max_error_rate__.unwrap_or_default(),
                    abort_error_rate: abort_error_rate__.unwrap_or_default(),
                    max_p99_ms: max_p99_ms__.unwrap_or_default(),
                    max_p99_ratio: max_p99_ratio__.unwrap_or_default(),
                    max_prediction_psi: max_prediction_psi__.unwrap_or_default(),
                    max_seconds: max_seconds__.unwrap_or_default(),
                    on_silence: on_silence__.unwrap_or_default(),
                    metric: metric__.unwrap_or_default(),
                    significance: significance__.unwrap_or_default(),
                    ensemble: ensemble__.unwrap_or_default(),
                    allow_input_changes: allow_input_changes__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.RolloutPlan", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RolloutStep {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.step.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.RolloutStep", len)?;
        if let Some(v) = self.step.as_ref() {
            match v {
                rollout_step::Step::SetWeight(v) => {
                    struct_ser.serialize_field("setWeight", v)?;
                }
                rollout_step::Step::Pause(v) => {
                    struct_ser.serialize_field("pause", v)?;
                }
                rollout_step::Step::Analysis(v) => {
                    struct_ser.serialize_field("analysis", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RolloutStep {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "set_weight",
            "setWeight",
            "pause",
            "analysis",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            SetWeight,
            Pause,
            Analysis,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "setWeight" | "set_weight" => Ok(GeneratedField::SetWeight),
                            "pause" => Ok(GeneratedField::Pause),
                            "analysis" => Ok(GeneratedField::Analysis),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RolloutStep;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.RolloutStep")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RolloutStep, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut step__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::SetWeight => {
                            if step__.is_some() {
                                return Err(serde::de::Error::duplicate_field("setWeight"));
                            }
                            step__ = map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| rollout_step::Step::SetWeight(x.0));
                        }
                        GeneratedField::Pause => {
                            if step__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pause"));
                            }
                            step__ = map_.next_value::<::std::option::Option<_>>()?.map(rollout_step::Step::Pause)
;
                        }
                        GeneratedField::Analysis => {
                            if step__.is_some() {
                                return Err(serde::de::Error::duplicate_field("analysis"));
                            }
                            step__ = map_.next_value::<::std::option::Option<_>>()?.map(rollout_step::Step::Analysis)
;
                        }
                    }
                }
                Ok(RolloutStep {
                    step: step__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.RolloutStep", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Routing {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.mode != 0 {
            len += 1;
        }
        if !self.shares.is_empty() {
            len += 1;
        }
        if !self.shadows.is_empty() {
            len += 1;
        }
        if !self.salt.is_empty() {
            len += 1;
        }
        if self.ensemble != 0 {
            len += 1;
        }
        if self.intercept != 0. {
            len += 1;
        }
        if self.window != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Routing", len)?;
        if self.mode != 0 {
            let v = RoutingMode::try_from(self.mode)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.mode)))?;
            struct_ser.serialize_field("mode", &v)?;
        }
        if !self.shares.is_empty() {
            struct_ser.serialize_field("shares", &self.shares)?;
        }
        if !self.shadows.is_empty() {
            struct_ser.serialize_field("shadows", &self.shadows)?;
        }
        if !self.salt.is_empty() {
            struct_ser.serialize_field("salt", &self.salt)?;
        }
        if self.ensemble != 0 {
            let v = EnsembleMethod::try_from(self.ensemble)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.ensemble)))?;
            struct_ser.serialize_field("ensemble", &v)?;
        }
        if self.intercept != 0. {
            struct_ser.serialize_field("intercept", &self.intercept)?;
        }
        if self.window != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("window", ToString::to_string(&self.window).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Routing {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "mode",
            "shares",
            "shadows",
            "salt",
            "ensemble",
            "intercept",
            "window",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Mode,
            Shares,
            Shadows,
            Salt,
            Ensemble,
            Intercept,
            Window,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "mode" => Ok(GeneratedField::Mode),
                            "shares" => Ok(GeneratedField::Shares),
                            "shadows" => Ok(GeneratedField::Shadows),
                            "salt" => Ok(GeneratedField::Salt),
                            "ensemble" => Ok(GeneratedField::Ensemble),
                            "intercept" => Ok(GeneratedField::Intercept),
                            "window" => Ok(GeneratedField::Window),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Routing;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Routing")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Routing, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut mode__ = None;
                let mut shares__ = None;
                let mut shadows__ = None;
                let mut salt__ = None;
                let mut ensemble__ = None;
                let mut intercept__ = None;
                let mut window__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Mode => {
                            if mode__.is_some() {
                                return Err(serde::de::Error::duplicate_field("mode"));
                            }
                            mode__ = Some(map_.next_value::<RoutingMode>()? as i32);
                        }
                        GeneratedField::Shares => {
                            if shares__.is_some() {
                                return Err(serde::de::Error::duplicate_field("shares"));
                            }
                            shares__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Shadows => {
                            if shadows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("shadows"));
                            }
                            shadows__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                        GeneratedField::Salt => {
                            if salt__.is_some() {
                                return Err(serde::de::Error::duplicate_field("salt"));
                            }
                            salt__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Ensemble => {
                            if ensemble__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ensemble"));
                            }
                            ensemble__ = Some(map_.next_value::<EnsembleMethod>()? as i32);
                        }
                        GeneratedField::Intercept => {
                            if intercept__.is_some() {
                                return Err(serde::de::Error::duplicate_field("intercept"));
                            }
                            intercept__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Window => {
                            if window__.is_some() {
                                return Err(serde::de::Error::duplicate_field("window"));
                            }
                            window__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Routing {
                    mode: mode__.unwrap_or_default(),
                    shares: shares__.unwrap_or_default(),
                    shadows: shadows__.unwrap_or_default(),
                    salt: salt__.unwrap_or_default(),
                    ensemble: ensemble__.unwrap_or_default(),
                    intercept: intercept__.unwrap_or_default(),
                    window: window__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Routing", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RoutingMode {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ROUTING_MODE_UNSPECIFIED",
            Self::Split => "ROUTING_MODE_SPLIT",
            Self::Sticky => "ROUTING_MODE_STICKY",
            Self::Ensemble => "ROUTING_MODE_ENSEMBLE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for RoutingMode {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ROUTING_MODE_UNSPECIFIED",
            "ROUTING_MODE_SPLIT",
            "ROUTING_MODE_STICKY",
            "ROUTING_MODE_ENSEMBLE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = RoutingMode;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ROUTING_MODE_UNSPECIFIED" => Ok(RoutingMode::Unspecified),
                    "ROUTING_MODE_SPLIT" => Ok(RoutingMode::Split),
                    "ROUTING_MODE_STICKY" => Ok(RoutingMode::Sticky),
                    "ROUTING_MODE_ENSEMBLE" => Ok(RoutingMode::Ensemble),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for RowAccount {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.read != 0 {
            len += 1;
        }
        if !self.removed.is_empty() {
            len += 1;
        }
        if self.kept != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.RowAccount", len)?;
        if self.read != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("read", ToString::to_string(&self.read).as_str())?;
        }
        if !self.removed.is_empty() {
            struct_ser.serialize_field("removed", &self.removed)?;
        }
        if self.kept != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("kept", ToString::to_string(&self.kept).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RowAccount {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "read",
            "removed",
            "kept",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Read,
            Removed,
            Kept,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "read" => Ok(GeneratedField::Read),
                            "removed" => Ok(GeneratedField::Removed),
                            "kept" => Ok(GeneratedField::Kept),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RowAccount;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.RowAccount")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RowAccount, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut read__ = None;
                let mut removed__ = None;
                let mut kept__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Read => {
                            if read__.is_some() {
                                return Err(serde::de::Error::duplicate_field("read"));
                            }
                            read__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Removed => {
                            if removed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("removed"));
                            }
                            removed__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Kept => {
                            if kept__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kept"));
                            }
                            kept__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(RowAccount {
                    read: read__.unwrap_or_default(),
                    removed: removed__.unwrap_or_default(),
                    kept: kept__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.RowAccount", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RowRemoval {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.reason.is_empty() {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.RowRemoval", len)?;
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RowRemoval {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "reason",
            "rows",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Reason,
            Rows,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "reason" => Ok(GeneratedField::Reason),
                            "rows" => Ok(GeneratedField::Rows),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RowRemoval;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.RowRemoval")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RowRemoval, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut reason__ = None;
                let mut rows__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(RowRemoval {
                    reason: reason__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.RowRemoval", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Scope {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.experiment_id.is_empty() {
            len += 1;
        }
        if !self.name.is_empty() {
            len += 1;
        }
        if self.problem_type != 0 {
            len += 1;
        }
        if !self.problem_type_evidence.is_empty() {
            len += 1;
        }
        if self.data.is_some() {
            len += 1;
        }
        if !self.target.is_empty() {
            len += 1;
        }
        if !self.classes.is_empty() {
            len += 1;
        }
        if !self.positive_class.is_empty() {
            len += 1;
        }
        if !self.entity_column.is_empty() {
            len += 1;
        }
        if !self.time_column.is_empty() {
            len += 1;
        }
        if !self.required_columns.is_empty() {
            len += 1;
        }
        if !self.excluded_columns.is_empty() {
            len += 1;
        }
        if !self.inclusion.is_empty() {
            len += 1;
        }
        if !self.exclusion.is_empty() {
            len += 1;
        }
        if !self.cohort_sha256.is_empty() {
            len += 1;
        }
        if self.min_rows != 0 {
            len += 1;
        }
        if !self.metric.is_empty() {
            len += 1;
        }
        if !self.criteria.is_empty() {
            len += 1;
        }
        if !self.baseline.is_empty() {
            len += 1;
        }
        if self.min_lift != 0. {
            len += 1;
        }
        if self.split_method != 0 {
            len += 1;
        }
        if self.time_budget_seconds != 0. {
            len += 1;
        }
        if self.seed != 0 {
            len += 1;
        }
        if self.constraints.is_some() {
            len += 1;
        }
        if self.strategy != 0 {
            len += 1;
        }
        if !self.catalogue_entry.is_empty() {
            len += 1;
        }
        if !self.prediction_horizon.is_empty() {
            len += 1;
        }
        if self.rows_examined != 0 {
            len += 1;
        }
        if self.rollout.is_some() {
            len += 1;
        }
        if self.cause.is_some() {
            len += 1;
        }
        if self.max_trials != 0 {
            len += 1;
        }
        if self.keep_judged_model {
            len += 1;
        }
        if !self.weight_column.is_empty() {
            len += 1;
        }
        if !self.monotone_constraints.is_empty() {
            len += 1;
        }
        if !self.loss.is_empty() {
            len += 1;
        }
        if self.quantile != 0. {
            len += 1;
        }
        if self.threshold.is_some() {
            len += 1;
        }
        if !self.group_columns.is_empty() {
            len += 1;
        }
        if self.balance_classes {
            len += 1;
        }
        if self.drop_duplicates {
            len += 1;
        }
        if !self.allow_leakage.is_empty() {
            len += 1;
        }
        if self.min_quality_score.is_some() {
            len += 1;
        }
        if self.gate_on_baseline {
            len += 1;
        }
        if self.checks.is_some() {
            len += 1;
        }
        if self.cleaning.is_some() {
            len += 1;
        }
        if !self.windows.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Scope", len)?;
        if !self.experiment_id.is_empty() {
            struct_ser.serialize_field("experimentId", &self.experiment_id)?;
        }
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if self.problem_type != 0 {
            let v = ProblemType::try_from(self.problem_type)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.problem_type)))?;
            struct_ser.serialize_field("problemType", &v)?;
        }
        if !self.problem_type_evidence.is_empty() {
            struct_ser.serialize_field("problemTypeEvidence", &self.problem_type_evidence)?;
        }
        if let Some(v) = self.data.as_ref() {
            struct_ser.serialize_field("data", v)?;
        }
        if !self.target.is_empty() {
            struct_ser.serialize_field("target", &self.target)?;
        }
        if !self.classes.is_empty() {
            struct_ser.serialize_field("classes", &self.classes)?;
        }
        if !self.positive_class.is_empty() {
            struct_ser.serialize_field("positiveClass", &self.positive_class)?;
        }
        if !self.entity_column.is_empty() {
            struct_ser.serialize_field("entityColumn", &self.entity_column)?;
        }
        if !self.time_column.is_empty() {
            struct_ser.serialize_field("timeColumn", &self.time_column)?;
        }
        if !self.required_columns.is_empty() {
            struct_ser.serialize_field("requiredColumns", &self.required_columns)?;
        }
        if !self.excluded_columns.is_empty() {
            struct_ser.serialize_field("excludedColumns", &self.excluded_columns)?;
        }
        if !self.inclusion.is_empty() {
            struct_ser.serialize_field("inclusion", &self.inclusion)?;
        }
        if !self.exclusion.is_empty() {
            struct_ser.serialize_field("exclusion", &self.exclusion)?;
        }
        if !self.cohort_sha256.is_empty() {
            struct_ser.serialize_field("cohortSha256", &self.cohort_sha256)?;
        }
        if self.min_rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("minRows", ToString::to_string(&self.min_rows).as_str())?;
        }
        if !self.metric.is_empty() {
            struct_ser.serialize_field("metric", &self.metric)?;
        }
        if !self.criteria.is_empty() {
            struct_ser.serialize_field("criteria", &self.criteria)?;
        }
        if !self.baseline.is_empty() {
            struct_ser.serialize_field("baseline", &self.baseline)?;
        }
        if self.min_lift != 0. {
            struct_ser.serialize_field("minLift", &self.min_lift)?;
        }
        if self.split_method != 0 {
            let v = SplitMethod::try_from(self.split_method)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.split_method)))?;
            struct_ser.serialize_field("splitMethod", &v)?;
        }
        if self.time_budget_seconds != 0. {
            struct_ser.serialize_field("timeBudgetSeconds", &self.time_budget_seconds)?;
        }
        if self.seed != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("seed", ToString::to_string(&self.seed).as_str())?;
        }
        if let Some(v) = self.constraints.as_ref() {
            struct_ser.serialize_field("constraints", v)?;
        }
        if self.strategy != 0 {
            let v = DeploymentStrategy::try_from(self.strategy)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.strategy)))?;
            struct_ser.serialize_field("strategy", &v)?;
        }
        if !self.catalogue_entry.is_empty() {
            struct_ser.serialize_field("catalogueEntry", &self.catalogue_entry)?;
        }
        if !self.prediction_horizon.is_empty() {
            struct_ser.serialize_field("predictionHorizon", &self.prediction_horizon)?;
        }
        if self.rows_examined != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rowsExamined", ToString::to_string(&self.rows_examined).as_str())?;
        }
        if let Some(v) = self.rollout.as_ref() {
            struct_ser.serialize_field("rollout", v)?;
        }
        if let Some(v) = self.cause.as_ref() {
            struct_ser.serialize_field("cause", v)?;
        }
        if self.max_trials != 0 {
            struct_ser.serialize_field("maxTrials", &self.max_trials)?;
        }
        if self.keep_judged_model {
            struct_ser.serialize_field("keepJudgedModel", &self.keep_judged_model)?;
        }
        if !self.weight_column.is_empty() {
            struct_ser.serialize_field("weightColumn", &self.weight_column)?;
        }
        if !self.monotone_constraints.is_empty() {
            struct_ser.serialize_field("monotoneConstraints", &self.monotone_constraints)?;
        }
        if !self.loss.is_empty() {
            struct_ser.serialize_field("loss", &self.loss)?;
        }
        if self.quantile != 0. {
            struct_ser.serialize_field("quantile", &self.quantile)?;
        }
        if let Some(v) = self.threshold.as_ref() {
            struct_ser.serialize_field("threshold", v)?;
        }
        if !self.group_columns.is_empty() {
            struct_ser.serialize_field("groupColumns", &self.group_columns)?;
        }
        if self.balance_classes {
            struct_ser.serialize_field("balanceClasses", &self.balance_classes)?;
        }
        if self.drop_duplicates {
            struct_ser.serialize_field("dropDuplicates", &self.drop_duplicates)?;
        }
        if !self.allow_leakage.is_empty() {
            struct_ser.serialize_field("allowLeakage", &self.allow_leakage)?;
        }
        if let Some(v) = self.min_quality_score.as_ref() {
            struct_ser.serialize_field("minQualityScore", v)?;
        }
        if self.gate_on_baseline {
            struct_ser.serialize_field("gateOnBaseline", &self.gate_on_baseline)?;
        }
        if let Some(v) = self.checks.as_ref() {
            struct_ser.serialize_field("checks", v)?;
        }
        if let Some(v) = self.cleaning.as_ref() {
            struct_ser.serialize_field("cleaning", v)?;
        }
        if !self.windows.is_empty() {
            struct_ser.serialize_field("windows", &self.windows)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Scope {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "experiment_id",
            "experimentId",
            "name",
            "problem_type",
            "problemType",
            "problem_type_evidence",
            "problemTypeEvidence",
            "data",
            "target",
            "classes",
            "positive_class",
            "positiveClass",
            "entity_column",
            "entityColumn",
            "time_column",
            "timeColumn",
            "required_columns",
            "requiredColumns",
            "excluded_columns",
            "excludedColumns",
            "inclusion",
            "exclusion",
            "cohort_sha256",
            "cohortSha256",
            "min_rows",
            "minRows",
            "metric",
            "criteria",
            "baseline",
            "min_lift",
            "minLift",
            "split_method",
            "splitMethod",
            "time_budget_seconds",
            "timeBudgetSeconds",
            "seed",
            "constraints",
            "strategy",
            "catalogue_entry",
            "catalogueEntry",
            "prediction_horizon",
            "predictionHorizon",
            "rows_examined",
            "rowsExamined",
            "rollout",
            "cause",
            "max_trials",
            "maxTrials",
            "keep_judged_model",
            "keepJudgedModel",
            "weight_column",
            "weightColumn",
            "monotone_constraints",
            "monotoneConstraints",
            "loss",
            "quantile",
            "threshold",
            "group_columns",
            "groupColumns",
            "balance_classes",
            "balanceClasses",
            "drop_duplicates",
            "dropDuplicates",
            "allow_leakage",
            "allowLeakage",
            "min_quality_score",
            "minQualityScore",
            "gate_on_baseline",
            "gateOnBaseline",
            "checks",
            "cleaning",
            "windows",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            ExperimentId,
            Name,
            ProblemType,
            ProblemTypeEvidence,
            Data,
            Target,
            Classes,
            PositiveClass,
            EntityColumn,
            TimeColumn,
            RequiredColumns,
            ExcludedColumns,
            Inclusion,
            Exclusion,
            CohortSha256,
            MinRows,
            Metric,
            Criteria,
            Baseline,
            MinLift,
            SplitMethod,
            TimeBudgetSeconds,
            Seed,
            Constraints,
            Strategy,
            CatalogueEntry,
            PredictionHorizon,
            RowsExamined,
            Rollout,
            Cause,
            MaxTrials,
            KeepJudgedModel,
            WeightColumn,
            MonotoneConstraints,
            Loss,
            Quantile,
            Threshold,
            GroupColumns,
            BalanceClasses,
            DropDuplicates,
            AllowLeakage,
            MinQualityScore,
            GateOnBaseline,
            Checks,
            Cleaning,
            Windows,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "experimentId" | "experiment_id" => Ok(GeneratedField::ExperimentId),
                            "name" => Ok(GeneratedField::Name),
                            "problemType" | "problem_type" => Ok(GeneratedField::ProblemType),
                            "problemTypeEvidence" | "problem_type_evidence" => Ok(GeneratedField::ProblemTypeEvidence),
                            "data" => Ok(GeneratedField::Data),
                            "target" => Ok(GeneratedField::Target),
                            "classes" => Ok(GeneratedField::Classes),
                            "positiveClass" | "positive_class" => Ok(GeneratedField::PositiveClass),
                            "entityColumn" | "entity_column" => Ok(GeneratedField::EntityColumn),
                            "timeColumn" | "time_column" => Ok(GeneratedField::TimeColumn),
                            "requiredColumns" | "required_columns" => Ok(GeneratedField::RequiredColumns),
                            "excludedColumns" | "excluded_columns" => Ok(GeneratedField::ExcludedColumns),
                            "inclusion" => Ok(GeneratedField::Inclusion),
                            "exclusion" => Ok(GeneratedField::Exclusion),
                            "cohortSha256" | "cohort_sha256" => Ok(GeneratedField::CohortSha256),
                            "minRows" | "min_rows" => Ok(GeneratedField::MinRows),
                            "metric" => Ok(GeneratedField::Metric),
                            "criteria" => Ok(GeneratedField::Criteria),
                            "baseline" => Ok(GeneratedField::Baseline),
                            "minLift" | "min_lift" => Ok(GeneratedField::MinLift),
                            "splitMethod" | "split_method" => Ok(GeneratedField::SplitMethod),
                            "timeBudgetSeconds" | "time_budget_seconds" => Ok(GeneratedField::TimeBudgetSeconds),
                            "seed" => Ok(GeneratedField::Seed),
                            "constraints" => Ok(GeneratedField::Constraints),
                            "strategy" => Ok(GeneratedField::Strategy),
                            "catalogueEntry" | "catalogue_entry" => Ok(GeneratedField::CatalogueEntry),
                            "predictionHorizon" | "prediction_horizon" => Ok(GeneratedField::PredictionHorizon),
                            "rowsExamined" | "rows_examined" => Ok(GeneratedField::RowsExamined),
                            "rollout" => Ok(GeneratedField::Rollout),
                            "cause" => Ok(GeneratedField::Cause),
                            "maxTrials" | "max_trials" => Ok(GeneratedField::MaxTrials),
                            "keepJudgedModel" | "keep_judged_model" => Ok(GeneratedField::KeepJudgedModel),
                            "weightColumn" | "weight_column" => Ok(GeneratedField::WeightColumn),
                            "monotoneConstraints" | "monotone_constraints" => Ok(GeneratedField::MonotoneConstraints),
                            "loss" => Ok(GeneratedField::Loss),
                            "quantile" => Ok(GeneratedField::Quantile),
                            "threshold" => Ok(GeneratedField::Threshold),
                            "groupColumns" | "group_columns" => Ok(GeneratedField::GroupColumns),
                            "balanceClasses" | "balance_classes" => Ok(GeneratedField::BalanceClasses),
                            "dropDuplicates" | "drop_duplicates" => Ok(GeneratedField::DropDuplicates),
                            "allowLeakage" | "allow_leakage" => Ok(GeneratedField::AllowLeakage),
                            "minQualityScore" | "min_quality_score" => Ok(GeneratedField::MinQualityScore),
                            "gateOnBaseline" | "gate_on_baseline" => Ok(GeneratedField::GateOnBaseline),
                            "checks" => Ok(GeneratedField::Checks),
                            "cleaning" => Ok(GeneratedField::Cleaning),
                            "windows" => Ok(GeneratedField::Windows),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Scope;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Scope")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Scope, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut experiment_id__ = None;
                let mut name__ = None;
                let mut problem_type__ = None;
                let mut problem_type_evidence__ = None;
                let mut data__ = None;
                let mut target__ = None;
                let mut classes__ = None;
                let mut positive_class__ = None;
                let mut entity_column__ = None;
                let mut time_column__ = None;
                let mut required_columns__ = None;
                let mut excluded_columns__ = None;
                let mut inclusion__ = None;
                let mut exclusion__ = None;
                let mut cohort_sha256__ = None;
                let mut min_rows__ = None;
                let mut metric__ = None;
                let mut criteria__ = None;
                let mut baseline__ = None;
                let mut min_lift__ = None;
                let mut split_method__ = None;
                let mut time_budget_seconds__ = None;
                let mut seed__ = None;
                let mut constraints__ = None;
                let mut strategy__ = None;
                let mut catalogue_entry__ = None;
                let mut prediction_horizon__ = None;
                let mut rows_examined__ = None;
                let mut rollout__ = None;
                let mut cause__ = None;
                let mut max_trials__ = None;
                let mut keep_judged_model__ = None;
                let mut weight_column__ = None;
                let mut monotone_constraints__ = None;
                let mut loss__ = None;
                let mut quantile__ = None;
                let mut threshold__ = None;
                let mut group_columns__ = None;
                let mut balance_classes__ = None;
                let mut drop_duplicates__ = None;
                let mut allow_leakage__ = None;
                let mut min_quality_score__ = None;
                let mut gate_on_baseline__ = None;
                let mut checks__ = None;
                let mut cleaning__ = None;
                let mut windows__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::ExperimentId => {
                            if experiment_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("experimentId"));
                            }
                            experiment_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ProblemType => {
                            if problem_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("problemType"));
                            }
                            problem_type__ = Some(map_.next_value::<ProblemType>()? as i32);
                        }
                        GeneratedField::ProblemTypeEvidence => {
                            if problem_type_evidence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("problemTypeEvidence"));
                            }
                            problem_type_evidence__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Data => {
                            if data__.is_some() {
                                return Err(serde::de::Error::duplicate_field("data"));
                            }
                            data__ = map_.next_value()?;
                        }
                        GeneratedField::Target => {
                            if target__.is_some() {
                                return Err(serde::de::Error::duplicate_field("target"));
                            }
                            target__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Classes => {
                            if classes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("classes"));
                            }
                            classes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PositiveClass => {
                            if positive_class__.is_some() {
                                return Err(serde::de::Error::duplicate_field("positiveClass"));
                            }
                            positive_class__ = Some(map_.next_value()?);
                        }
                        GeneratedField::EntityColumn => {
                            if entity_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("entityColumn"));
                            }
                            entity_column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TimeColumn => {
                            if time_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("timeColumn"));
                            }
                            time_column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RequiredColumns => {
                            if required_columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requiredColumns"));
                            }
                            required_columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ExcludedColumns => {
                            if excluded_columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("excludedColumns"));
                            }
                            excluded_columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Inclusion => {
                            if inclusion__.is_some() {
                                return Err(serde::de::Error::duplicate_field("inclusion"));
                            }
                            inclusion__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Exclusion => {
                            if exclusion__.is_some() {
                                return Err(serde::de::Error::duplicate_field("exclusion"));
                            }
                            exclusion__ = Some(map_.next_value()?);
                        }
                        GeneratedField::CohortSha256 => {
                            if cohort_sha256__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cohortSha256"));
                            }
                            cohort_sha256__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MinRows => {
                            if min_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("minRows"));
                            }
                            min_rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Metric => {
                            if metric__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metric"));
                            }
                            metric__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Criteria => {
                            if criteria__.is_some() {
                                return Err(serde::de::Error::duplicate_field("criteria"));
                            }
                            criteria__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Baseline => {
                            if baseline__.is_some() {
                                return Err(serde::de::Error::duplicate_field("baseline"));
                            }
                            baseline__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MinLift => {
                            if min_lift__.is_some() {
                                return Err(serde::de::Error::duplicate_field("minLift"));
                            }
                            min_lift__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::SplitMethod => {
                            if split_method__.is_some() {
                                return Err(serde::de::Error::duplicate_field("splitMethod"));
                            }
                            split_method__ = Some(map_.next_value::<SplitMethod>()? as i32);
                        }
                        GeneratedField::TimeBudgetSeconds => {
                            if time_budget_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("timeBudgetSeconds"));
                            }
                            time_budget_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Seed => {
                            if seed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seed"));
                            }
                            seed__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Constraints => {
                            if constraints__.is_some() {
                                return Err(serde::de::Error::duplicate_field("constraints"));
                            }
                            constraints__ = map_.next_value()?;
                        }
                        GeneratedField::Strategy => {
                            if strategy__.is_some() {
                                return Err(serde::de::Error::duplicate_field("strategy"));
                            }
                            strategy__ = Some(map_.next_value::<DeploymentStrategy>()? as i32);
                        }
                        GeneratedField::CatalogueEntry => {
                            if catalogue_entry__.is_some() {
                                return Err(serde::de::Error::duplicate_field("catalogueEntry"));
                            }
                            catalogue_entry__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PredictionHorizon => {
                            if prediction_horizon__.is_some() {
                                return Err(serde::de::Error::duplicate_field("predictionHorizon"));
                            }
                            prediction_horizon__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RowsExamined => {
                            if rows_examined__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rowsExamined"));
                            }
                            rows_examined__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Rollout => {
                            if rollout__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rollout"));
                            }
                            rollout__ = map_.next_value()?;
                        }
                        GeneratedField::Cause => {
                            if cause__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cause"));
                            }
                            cause__ = map_.next_value()?;
                        }
                        GeneratedField::MaxTrials => {
                            if max_trials__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxTrials"));
                            }
                            max_trials__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::KeepJudgedModel => {
                            if keep_judged_model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("keepJudgedModel"));
                            }
                            keep_judged_model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::WeightColumn => {
                            if weight_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("weightColumn"));
                            }
                            weight_column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MonotoneConstraints => {
                            if monotone_constraints__.is_some() {
                                return Err(serde::de::Error::duplicate_field("monotoneConstraints"));
                            }
                            monotone_constraints__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Loss => {
                            if loss__.is_some() {
                                return Err(serde::de::Error::duplicate_field("loss"));
                            }
                            loss__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Quantile => {
                            if quantile__.is_some() {
                                return Err(serde::de::Error::duplicate_field("quantile"));
                            }
                            quantile__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Threshold => {
                            if threshold__.is_some() {
                                return Err(serde::de::Error::duplicate_field("threshold"));
                            }
                            threshold__ = map_.next_value()?;
                        }
                        GeneratedField::GroupColumns => {
                            if group_columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("groupColumns"));
                            }
                            group_columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::BalanceClasses => {
                            if balance_classes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("balanceClasses"));
                            }
                            balance_classes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::DropDuplicates => {
                            if drop_duplicates__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dropDuplicates"));
                            }
                            drop_duplicates__ = Some(map_.next_value()?);
                        }
                        GeneratedField::AllowLeakage => {
                            if allow_leakage__.is_some() {
                                return Err(serde::de::Error::duplicate_field("allowLeakage"));
                            }
                            allow_leakage__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MinQualityScore => {
                            if min_quality_score__.is_some() {
                                return Err(serde::de::Error::duplicate_field("minQualityScore"));
                            }
                            min_quality_score__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::GateOnBaseline => {
                            if gate_on_baseline__.is_some() {
                                return Err(serde::de::Error::duplicate_field("gateOnBaseline"));
                            }
                            gate_on_baseline__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Checks => {
                            if checks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("checks"));
                            }
                            checks__ = map_.next_value()?;
                        }
                        GeneratedField::Cleaning => {
                            if cleaning__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cleaning"));
                            }
                            cleaning__ = map_.next_value()?;
                        }
                        GeneratedField::Windows => {
                            if windows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("windows"));
                            }
                            windows__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Scope {
                    experiment_id: experiment_id__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    problem_type: problem_type__.unwrap_or_default(),
                    problem_type_evidence: problem_type_evidence__.unwrap_or_default(),
                    data: data__,
                    target: target__.unwrap_or_default(),
                    classes: classes__.unwrap_or_default(),
                    positive_class: positive_class__.unwrap_or_default(),
                    entity_column: entity_column__.unwrap_or_default(),
                    time_column: time_column__.unwrap_or_default(),
                    required_columns: required_columns__.unwrap_or_default(),
                    excluded_columns: excluded_columns__.unwrap_or_default(),
                    inclusion: inclusion__.unwrap_or_default(),
                    exclusion: exclusion__.unwrap_or_default(),
                    cohort_sha256: cohort_sha256__.unwrap_or_default(),
                    min_rows: min_rows__.unwrap_or_default(),
                    metric: metric__.unwrap_or_default(),
                    criteria: criteria__.unwrap_or_default(),
                    baseline: baseline__.unwrap_or_default(),
                    min_lift: min_lift__.unwrap_or_default(),
                    split_method: split_method__.unwrap_or_default(),
                    time_budget_seconds: time_budget_seconds__.unwrap_or_default(),
                    seed: seed__.unwrap_or_default(),
                    constraints: constraints__,
                    strategy: strategy__.unwrap_or_default(),
                    catalogue_entry: catalogue_entry__.unwrap_or_default(),
                    prediction_horizon: prediction_horizon__.unwrap_or_default(),
                    rows_examined: rows_examined__.unwrap_or_default(),
                    rollout: rollout__,
                    cause: cause__,
                    max_trials: max_trials__.unwrap_or_default(),
                    keep_judged_model: keep_judged_model__.unwrap_or_default(),
                    weight_column: weight_column__.unwrap_or_default(),
                    monotone_constraints: monotone_constraints__.unwrap_or_default(),
                    loss: loss__.unwrap_or_default(),
                    quantile: quantile__.unwrap_or_default(),
                    threshold: threshold__,
                    group_columns: group_columns__.unwrap_or_default(),
                    balance_classes: balance_classes__.unwrap_or_default(),
                    drop_duplicates: drop_duplicates__.unwrap_or_default(),
                    allow_leakage: allow_leakage__.unwrap_or_default(),
                    min_quality_score: min_quality_score__,
                    gate_on_baseline: gate_on_baseline__.unwrap_or_default(),
                    checks: checks__,
                    cleaning: cleaning__,
                    windows: windows__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Scope", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ScopeReply {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.accepted {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        if self.error.is_some() {
            len += 1;
        }
        if !self.stream.is_empty() {
            len += 1;
        }
        if self.seq != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ScopeReply", len)?;
        if self.accepted {
            struct_ser.serialize_field("accepted", &self.accepted)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if let Some(v) = self.error.as_ref() {
            struct_ser.serialize_field("error", v)?;
        }
        if !self.stream.is_empty() {
            struct_ser.serialize_field("stream", &self.stream)?;
        }
        if self.seq != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("seq", ToString::to_string(&self.seq).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ScopeReply {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "accepted",
            "run_id",
            "runId",
            "error",
            "stream",
            "seq",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Accepted,
            RunId,
            Error,
            Stream,
            Seq,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "accepted" => Ok(GeneratedField::Accepted),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "error" => Ok(GeneratedField::Error),
                            "stream" => Ok(GeneratedField::Stream),
                            "seq" => Ok(GeneratedField::Seq),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ScopeReply;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ScopeReply")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ScopeReply, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut accepted__ = None;
                let mut run_id__ = None;
                let mut error__ = None;
                let mut stream__ = None;
                let mut seq__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Accepted => {
                            if accepted__.is_some() {
                                return Err(serde::de::Error::duplicate_field("accepted"));
                            }
                            accepted__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Error => {
                            if error__.is_some() {
                                return Err(serde::de::Error::duplicate_field("error"));
                            }
                            error__ = map_.next_value()?;
                        }
                        GeneratedField::Stream => {
                            if stream__.is_some() {
                                return Err(serde::de::Error::duplicate_field("stream"));
                            }
                            stream__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Seq => {
                            if seq__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seq"));
                            }
                            seq__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ScopeReply {
                    accepted: accepted__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                    error: error__,
                    stream: stream__.unwrap_or_default(),
                    seq: seq__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ScopeReply", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ScopeRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.request_id.is_empty() {
            len += 1;
        }
        if !self.text.is_empty() {
            len += 1;
        }
        if !self.data_uri.is_empty() {
            len += 1;
        }
        if !self.target.is_empty() {
            len += 1;
        }
        if !self.positive_class.is_empty() {
            len += 1;
        }
        if self.problem_type != 0 {
            len += 1;
        }
        if !self.metric.is_empty() {
            len += 1;
        }
        if self.time_budget_seconds != 0. {
            len += 1;
        }
        if !self.name.is_empty() {
            len += 1;
        }
        if self.strategy != 0 {
            len += 1;
        }
        if !self.until.is_empty() {
            len += 1;
        }
        if self.seed != 0 {
            len += 1;
        }
        if !self.criteria.is_empty() {
            len += 1;
        }
        if !self.exclude_columns.is_empty() {
            len += 1;
        }
        if !self.require_columns.is_empty() {
            len += 1;
        }
        if !self.entity_column.is_empty() {
            len += 1;
        }
        if !self.time_column.is_empty() {
            len += 1;
        }
        if self.split_method != 0 {
            len += 1;
        }
        if self.min_rows != 0 {
            len += 1;
        }
        if !self.inclusion.is_empty() {
            len += 1;
        }
        if !self.exclusion.is_empty() {
            len += 1;
        }
        if self.constraints.is_some() {
            len += 1;
        }
        if !self.requested_by.is_empty() {
            len += 1;
        }
        if !self.labels.is_empty() {
            len += 1;
        }
        if self.no_cache {
            len += 1;
        }
        if self.priority != 0 {
            len += 1;
        }
        if !self.skip.is_empty() {
            len += 1;
        }
        if !self.from_run.is_empty() {
            len += 1;
        }
        if !self.from_agent.is_empty() {
            len += 1;
        }
        if self.rollout.is_some() {
            len += 1;
        }
        if self.cause.is_some() {
            len += 1;
        }
        if self.max_trials != 0 {
            len += 1;
        }
        if self.keep_judged_model {
            len += 1;
        }
        if !self.weight_column.is_empty() {
            len += 1;
        }
        if !self.monotone_constraints.is_empty() {
            len += 1;
        }
        if !self.loss.is_empty() {
            len += 1;
        }
        if self.quantile != 0. {
            len += 1;
        }
        if self.threshold.is_some() {
            len += 1;
        }
        if !self.group_columns.is_empty() {
            len += 1;
        }
        if self.balance_classes {
            len += 1;
        }
        if !self.missing_markers.is_empty() {
            len += 1;
        }
        if self.data_format != 0 {
            len += 1;
        }
        if self.csv.is_some() {
            len += 1;
        }
        if self.drop_duplicates {
            len += 1;
        }
        if !self.allow_leakage.is_empty() {
            len += 1;
        }
        if self.min_quality_score.is_some() {
            len += 1;
        }
        if self.strict_criteria {
            len += 1;
        }
        if self.checks.is_some() {
            len += 1;
        }
        if self.cleaning.is_some() {
            len += 1;
        }
        if !self.windows.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ScopeRequest", len)?;
        if !self.request_id.is_empty() {
            struct_ser.serialize_field("requestId", &self.request_id)?;
        }
        if !self.text.is_empty() {
            struct_ser.serialize_field("text", &self.text)?;
        }
        if !self.data_uri.is_empty() {
            struct_ser.serialize_field("dataUri", &self.data_uri)?;
        }
        if !self.target.is_empty() {
            struct_ser.serialize_field("target", &self.target)?;
        }
        if !self.positive_class.is_empty() {
            struct_ser.serialize_field("positiveClass", &self.positive_class)?;
        }
        if self.problem_type != 0 {
            let v = ProblemType::try_from(self.problem_type)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.problem_type)))?;
            struct_ser.serialize_field("problemType", &v)?;
        }
        if !self.metric.is_empty() {
            struct_ser.serialize_field("metric", &self.metric)?;
        }
        if self.time_budget_seconds != 0. {
            struct_ser.serialize_field("timeBudgetSeconds", &self.time_budget_seconds)?;
        }
        if !self.name.is_empty() {
            struct_ser.serialize_field("name", &self.name)?;
        }
        if self.strategy != 0 {
            let v = DeploymentStrategy::try_from(self.strategy)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.strategy)))?;
            struct_ser.serialize_field("strategy", &v)?;
        }
        if !self.until.is_empty() {
            struct_ser.serialize_field("until", &self.until)?;
        }
        if self.seed != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("seed", ToString::to_string(&self.seed).as_str())?;
        }
        if !self.criteria.is_empty() {
            struct_ser.serialize_field("criteria", &self.criteria)?;
        }
        if !self.exclude_columns.is_empty() {
            struct_ser.serialize_field("excludeColumns", &self.exclude_columns)?;
        }
        if !self.require_columns.is_empty() {
            struct_ser.serialize_field("requireColumns", &self.require_columns)?;
        }
        if !self.entity_column.is_empty() {
            struct_ser.serialize_field("entityColumn", &self.entity_column)?;
        }
        if !self.time_column.is_empty() {
            struct_ser.serialize_field("timeColumn", &self.time_column)?;
        }
        if self.split_method != 0 {
            let v = SplitMethod::try_from(self.split_method)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.split_method)))?;
            struct_ser.serialize_field("splitMethod", &v)?;
        }
        if self.min_rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("minRows", ToString::to_string(&self.min_rows).as_str())?;
        }
        if !self.inclusion.is_empty() {
            struct_ser.serialize_field("inclusion", &self.inclusion)?;
        }
        if !self.exclusion.is_empty() {
            struct_ser.serialize_field("exclusion", &self.exclusion)?;
        }
        if let Some(v) = self.constraints.as_ref() {
            struct_ser.serialize_field("constraints", v)?;
        }
        if !self.requested_by.is_empty() {
            struct_ser.serialize_field("requestedBy", &self.requested_by)?;
        }
        if !self.labels.is_empty() {
            struct_ser.serialize_field("labels", &self.labels)?;
        }
        if self.no_cache {
            struct_ser.serialize_field("noCache", &self.no_cache)?;
        }
        if self.priority != 0 {
            let v = Priority::try_from(self.priority)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.priority)))?;
            struct_ser.serialize_field("priority", &v)?;
        }
        if !self.skip.is_empty() {
            struct_ser.serialize_field("skip", &self.skip)?;
        }
        if !self.from_run.is_empty() {
            struct_ser.serialize_field("fromRun", &self.from_run)?;
        }
        if !self.from_agent.is_empty() {
            struct_ser.serialize_field("fromAgent", &self.from_agent)?;
        }
        if let Some(v) = self.rollout.as_ref() {
            struct_ser.serialize_field("rollout", v)?;
        }
        if let Some(v) = self.cause.as_ref() {
            struct_ser.serialize_field("cause", v)?;
        }
        if self.max_trials != 0 {
            struct_ser.serialize_field("maxTrials", &self.max_trials)?;
        }
        if self.keep_judged_model {
            struct_ser.serialize_field("keepJudgedModel", &self.keep_judged_model)?;
        }
        if !self.weight_column.is_empty() {
            struct_ser.serialize_field("weightColumn", &self.weight_column)?;
        }
        if !self.monotone_constraints.is_empty() {
            struct_ser.serialize_field("monotoneConstraints", &self.monotone_constraints)?;
        }
        if !self.loss.is_empty() {
            struct_ser.serialize_field("loss", &self.loss)?;
        }
        if self.quantile != 0. {
            struct_ser.serialize_field("quantile", &self.quantile)?;
        }
        if let Some(v) = self.threshold.as_ref() {
            struct_ser.serialize_field("threshold", v)?;
        }
        if !self.group_columns.is_empty() {
            struct_ser.serialize_field("groupColumns", &self.group_columns)?;
        }
        if self.balance_classes {
            struct_ser.serialize_field("balanceClasses", &self.balance_classes)?;
        }
        if !self.missing_markers.is_empty() {
            struct_ser.serialize_field("missingMarkers", &self.missing_markers)?;
        }
        if self.data_format != 0 {
            let v = DataFormat::try_from(self.data_format)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.data_format)))?;
            struct_ser.serialize_field("dataFormat", &v)?;
        }
        if let Some(v) = self.csv.as_ref() {
            struct_ser.serialize_field("csv", v)?;
        }
        if self.drop_duplicates {
            struct_ser.serialize_field("dropDuplicates", &self.drop_duplicates)?;
        }
        if !self.allow_leakage.is_empty() {
            struct_ser.serialize_field("allowLeakage", &self.allow_leakage)?;
        }
        if let Some(v) = self.min_quality_score.as_ref() {
            struct_ser.serialize_field("minQualityScore", v)?;
        }
        if self.strict_criteria {
            struct_ser.serialize_field("strictCriteria", &self.strict_criteria)?;
        }
        if let Some(v) = self.checks.as_ref() {
            struct_ser.serialize_field("checks", v)?;
        }
        if let Some(v) = self.cleaning.as_ref() {
            struct_ser.serialize_field("cleaning", v)?;
        }
        if !self.windows.is_empty() {
            struct_ser.serialize_field("windows", &self.windows)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ScopeRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "request_id",
            "requestId",
            "text",
            "data_uri",
            "dataUri",
            "target",
            "positive_class",
            "positiveClass",
            "problem_type",
            "problemType",
            "metric",
            "time_budget_seconds",
            "timeBudgetSeconds",
            "name",
            "strategy",
            "until",
            "seed",
            "criteria",
            "exclude_columns",
            "excludeColumns",
            "require_columns",
            "requireColumns",
            "entity_column",
            "entityColumn",
            "time_column",
            "timeColumn",
            "split_method",
            "splitMethod",
            "min_rows",
            "minRows",
            "inclusion",
            "exclusion",
            "constraints",
            "requested_by",
            "requestedBy",
            "labels",
            "no_cache",
            "noCache",
            "priority",
            "skip",
            "from_run",
            "fromRun",
            "from_agent",
            "fromAgent",
            "rollout",
            "cause",
            "max_trials",
            "maxTrials",
            "keep_judged_model",
            "keepJudgedModel",
            "weight_column",
            "weightColumn",
            "monotone_constraints",
            "monotoneConstraints",
            "loss",
            "quantile",
            "threshold",
            "group_columns",
            "groupColumns",
            "balance_classes",
            "balanceClasses",
            "missing_markers",
            "missingMarkers",
            "data_format",
            "dataFormat",
            "csv",
            "drop_duplicates",
            "dropDuplicates",
            "allow_leakage",
            "allowLeakage",
            "min_quality_score",
            "minQualityScore",
            "strict_criteria",
            "strictCriteria",
            "checks",
            "cleaning",
            "windows",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            RequestId,
            Text,
            DataUri,
            Target,
            PositiveClass,
            ProblemType,
            Metric,
            TimeBudgetSeconds,
            Name,
            Strategy,
            Until,
            Seed,
            Criteria,
            ExcludeColumns,
            RequireColumns,
            EntityColumn,
            TimeColumn,
            SplitMethod,
            MinRows,
            Inclusion,
            Exclusion,
            Constraints,
            RequestedBy,
            Labels,
            NoCache,
            Priority,
            Skip,
            FromRun,
            FromAgent,
            Rollout,
            Cause,
            MaxTrials,
            KeepJudgedModel,
            WeightColumn,
            MonotoneConstraints,
            Loss,
            Quantile,
            Threshold,
            GroupColumns,
            BalanceClasses,
            MissingMarkers,
            DataFormat,
            Csv,
            DropDuplicates,
            AllowLeakage,
            MinQualityScore,
            StrictCriteria,
            Checks,
            Cleaning,
            Windows,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "requestId" | "request_id" => Ok(GeneratedField::RequestId),
                            "text" => Ok(GeneratedField::Text),
                            "dataUri" | "data_uri" => Ok(GeneratedField::DataUri),
                            "target" => Ok(GeneratedField::Target),
                            "positiveClass" | "positive_class" => Ok(GeneratedField::PositiveClass),
                            "problemType" | "problem_type" => Ok(GeneratedField::ProblemType),
                            "metric" => Ok(GeneratedField::Metric),
                            "timeBudgetSeconds" | "time_budget_seconds" => Ok(GeneratedField::TimeBudgetSeconds),
                            "name" => Ok(GeneratedField::Name),
                            "strategy" => Ok(GeneratedField::Strategy),
                            "until" => Ok(GeneratedField::Until),
                            "seed" => Ok(GeneratedField::Seed),
                            "criteria" => Ok(GeneratedField::Criteria),
                            "excludeColumns" | "exclude_columns" => Ok(GeneratedField::ExcludeColumns),
                            "requireColumns" | "require_columns" => Ok(GeneratedField::RequireColumns),
                            "entityColumn" | "entity_column" => Ok(GeneratedField::EntityColumn),
                            "timeColumn" | "time_column" => Ok(GeneratedField::TimeColumn),
                            "splitMethod" | "split_method" => Ok(GeneratedField::SplitMethod),
                            "minRows" | "min_rows" => Ok(GeneratedField::MinRows),
                            "inclusion" => Ok(GeneratedField::Inclusion),
                            "exclusion" => Ok(GeneratedField::Exclusion),
                            "constraints" => Ok(GeneratedField::Constraints),
                            "requestedBy" | "requested_by" => Ok(GeneratedField::RequestedBy),
                            "labels" => Ok(GeneratedField::Labels),
                            "noCache" | "no_cache" => Ok(GeneratedField::NoCache),
                            "priority" => Ok(GeneratedField::Priority),
                            "skip" => Ok(GeneratedField::Skip),
                            "fromRun" | "from_run" => Ok(GeneratedField::FromRun),
                            "fromAgent" | "from_agent" => Ok(GeneratedField::FromAgent),
                            "rollout" => Ok(GeneratedField::Rollout),
                            "cause" => Ok(GeneratedField::Cause),
                            "maxTrials" | "max_trials" => Ok(GeneratedField::MaxTrials),
                            "keepJudgedModel" | "keep_judged_model" => Ok(GeneratedField::KeepJudgedModel),
                            "weightColumn" | "weight_column" => Ok(GeneratedField::WeightColumn),
                            "monotoneConstraints" | "monotone_constraints" => Ok(GeneratedField::MonotoneConstraints),
                            "loss" => Ok(GeneratedField::Loss),
                            "quantile" => Ok(GeneratedField::Quantile),
                            "threshold" => Ok(GeneratedField::Threshold),
                            "groupColumns" | "group_columns" => Ok(GeneratedField::GroupColumns),
                            "balanceClasses" | "balance_classes" => Ok(GeneratedField::BalanceClasses),
                            "missingMarkers" | "missing_markers" => Ok(GeneratedField::MissingMarkers),
                            "dataFormat" | "data_format" => Ok(GeneratedField::DataFormat),
                            "csv" => Ok(GeneratedField::Csv),
                            "dropDuplicates" | "drop_duplicates" => Ok(GeneratedField::DropDuplicates),
                            "allowLeakage" | "allow_leakage" => Ok(GeneratedField::AllowLeakage),
                            "minQualityScore" | "min_quality_score" => Ok(GeneratedField::MinQualityScore),
                            "strictCriteria" | "strict_criteria" => Ok(GeneratedField::StrictCriteria),
                            "checks" => Ok(GeneratedField::Checks),
                            "cleaning" => Ok(GeneratedField::Cleaning),
                            "windows" => Ok(GeneratedField::Windows),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ScopeRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ScopeRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ScopeRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut request_id__ = None;
                let mut text__ = None;
                let mut data_uri__ = None;
                let mut target__ = None;
                let mut positive_class__ = None;
                let mut problem_type__ = None;
                let mut metric__ = None;
                let mut time_budget_seconds__ = None;
                let mut name__ = None;
                let mut strategy__ = None;
                let mut until__ = None;
                let mut seed__ = None;
                let mut criteria__ = None;
                let mut exclude_columns__ = None;
                let mut require_columns__ = None;
                let mut entity_column__ = None;
                let mut time_column__ = None;
                let mut split_method__ = None;
                let mut min_rows__ = None;
                let mut inclusion__ = None;
                let mut exclusion__ = None;
                let mut constraints__ = None;
                let mut requested_by__ = None;
                let mut labels__ = None;
                let mut no_cache__ = None;
                let mut priority__ = None;
                let mut skip__ = None;
                let mut from_run__ = None;
                let mut from_agent__ = None;
                let mut rollout__ = None;
                let mut cause__ = None;
                let mut max_trials__ = None;
                let mut keep_judged_model__ = None;
                let mut weight_column__ = None;
                let mut monotone_constraints__ = None;
                let mut loss__ = None;
                let mut quantile__ = None;
                let mut threshold__ = None;
                let mut group_columns__ = None;
                let mut balance_classes__ = None;
                let mut missing_markers__ = None;
                let mut data_format__ = None;
                let mut csv__ = None;
                let mut drop_duplicates__ = None;
                let mut allow_leakage__ = None;
                let mut min_quality_score__ = None;
                let mut strict_criteria__ = None;
                let mut checks__ = None;
                let mut cleaning__ = None;
                let mut windows__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::RequestId => {
                            if request_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestId"));
                            }
                            request_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Text => {
                            if text__.is_some() {
                                return Err(serde::de::Error::duplicate_field("text"));
                            }
                            text__ = Some(map_.next_value()?);
                        }
                        GeneratedField::DataUri => {
                            if data_uri__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dataUri"));
                            }
                            data_uri__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Target => {
                            if target__.is_some() {
                                return Err(serde::de::Error::duplicate_field("target"));
                            }
                            target__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PositiveClass => {
                            if positive_class__.is_some() {
                                return Err(serde::de::Error::duplicate_field("positiveClass"));
                            }
                            positive_class__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ProblemType => {
                            if problem_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("problemType"));
                            }
                            problem_type__ = Some(map_.next_value::<ProblemType>()? as i32);
                        }
                        GeneratedField::Metric => {
                            if metric__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metric"));
                            }
                            metric__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TimeBudgetSeconds => {
                            if time_budget_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("timeBudgetSeconds"));
                            }
                            time_budget_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Name => {
                            if name__.is_some() {
                                return Err(serde::de::Error::duplicate_field("name"));
                            }
                            name__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Strategy => {
                            if strategy__.is_some() {
                                return Err(serde::de::Error::duplicate_field("strategy"));
                            }
                            strategy__ = Some(map_.next_value::<DeploymentStrategy>()? as i32);
                        }
                        GeneratedField::Until => {
                            if until__.is_some() {
                                return Err(serde::de::Error::duplicate_field("until"));
                            }
                            until__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Seed => {
                            if seed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seed"));
                            }
                            seed__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Criteria => {
                            if criteria__.is_some() {
                                return Err(serde::de::Error::duplicate_field("criteria"));
                            }
                            criteria__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ExcludeColumns => {
                            if exclude_columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("excludeColumns"));
                            }
                            exclude_columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RequireColumns => {
                            if require_columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requireColumns"));
                            }
                            require_columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::EntityColumn => {
                            if entity_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("entityColumn"));
                            }
                            entity_column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TimeColumn => {
                            if time_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("timeColumn"));
                            }
                            time_column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::SplitMethod => {
                            if split_method__.is_some() {
                                return Err(serde::de::Error::duplicate_field("splitMethod"));
                            }
                            split_method__ = Some(map_.next_value::<SplitMethod>()? as i32);
                        }
                        GeneratedField::MinRows => {
                            if min_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("minRows"));
                            }
                            min_rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Inclusion => {
                            if inclusion__.is_some() {
                                return Err(serde::de::Error::duplicate_field("inclusion"));
                            }
                            inclusion__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Exclusion => {
                            if exclusion__.is_some() {
                                return Err(serde::de::Error::duplicate_field("exclusion"));
                            }
                            exclusion__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Constraints => {
                            if constraints__.is_some() {
                                return Err(serde::de::Error::duplicate_field("constraints"));
                            }
                            constraints__ = map_.next_value()?;
                        }
                        GeneratedField::RequestedBy => {
                            if requested_by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requestedBy"));
                            }
                            requested_by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Labels => {
                            if labels__.is_some() {
                                return Err(serde::de::Error::duplicate_field("labels"));
                            }
                            labels__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::NoCache => {
                            if no_cache__.is_some() {
                                return Err(serde::de::Error::duplicate_field("noCache"));
                            }
                            no_cache__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Priority => {
                            if priority__.is_some() {
                                return Err(serde::de::Error::duplicate_field("priority"));
                            }
                            priority__ = Some(map_.next_value::<Priority>()? as i32);
                        }
                        GeneratedField::Skip => {
                            if skip__.is_some() {
                                return Err(serde::de::Error::duplicate_field("skip"));
                            }
                            skip__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FromRun => {
                            if from_run__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fromRun"));
                            }
                            from_run__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FromAgent => {
                            if from_agent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fromAgent"));
                            }
                            from_agent__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rollout => {
                            if rollout__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rollout"));
                            }
                            rollout__ = map_.next_value()?;
                        }
                        GeneratedField::Cause => {
                            if cause__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cause"));
                            }
                            cause__ = map_.next_value()?;
                        }
                        GeneratedField::MaxTrials => {
                            if max_trials__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxTrials"));
                            }
                            max_trials__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::KeepJudgedModel => {
                            if keep_judged_model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("keepJudgedModel"));
                            }
                            keep_judged_model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::WeightColumn => {
                            if weight_column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("weightColumn"));
                            }
                            weight_column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MonotoneConstraints => {
                            if monotone_constraints__.is_some() {
                                return Err(serde::de::Error::duplicate_field("monotoneConstraints"));
                            }
                            monotone_constraints__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Loss => {
                            if loss__.is_some() {
                                return Err(serde::de::Error::duplicate_field("loss"));
                            }
                            loss__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Quantile => {
                            if quantile__.is_some() {
                                return Err(serde::de::Error::duplicate_field("quantile"));
                            }
                            quantile__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Threshold => {
                            if threshold__.is_some() {
                                return Err(serde::de::Error::duplicate_field("threshold"));
                            }
                            threshold__ = map_.next_value()?;
                        }
                        GeneratedField::GroupColumns => {
                            if group_columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("groupColumns"));
                            }
                            group_columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::BalanceClasses => {
                            if balance_classes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("balanceClasses"));
                            }
                            balance_classes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MissingMarkers => {
                            if missing_markers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("missingMarkers"));
                            }
                            missing_markers__ = Some(map_.next_value()?);
                        }
                        GeneratedField::DataFormat => {
                            if data_format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dataFormat"));
                            }
                            data_format__ = Some(map_.next_value::<DataFormat>()? as i32);
                        }
                        GeneratedField::Csv => {
                            if csv__.is_some() {
                                return Err(serde::de::Error::duplicate_field("csv"));
                            }
                            csv__ = map_.next_value()?;
                        }
                        GeneratedField::DropDuplicates => {
                            if drop_duplicates__.is_some() {
                                return Err(serde::de::Error::duplicate_field("dropDuplicates"));
                            }
                            drop_duplicates__ = Some(map_.next_value()?);
                        }
                        GeneratedField::AllowLeakage => {
                            if allow_leakage__.is_some() {
                                return Err(serde::de::Error::duplicate_field("allowLeakage"));
                            }
                            allow_leakage__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MinQualityScore => {
                            if min_quality_score__.is_some() {
                                return Err(serde::de::Error::duplicate_field("minQualityScore"));
                            }
                            min_quality_score__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::StrictCriteria => {
                            if strict_criteria__.is_some() {
                                return Err(serde::de::Error::duplicate_field("strictCriteria"));
                            }
                            strict_criteria__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Checks => {
                            if checks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("checks"));
                            }
                            checks__ = map_.next_value()?;
                        }
                        GeneratedField::Cleaning => {
                            if cleaning__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cleaning"));
                            }
                            cleaning__ = map_.next_value()?;
                        }
                        GeneratedField::Windows => {
                            if windows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("windows"));
                            }
                            windows__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ScopeRequest {
                    request_id: request_id__.unwrap_or_default(),
                    text: text__.unwrap_or_default(),
                    data_uri: data_uri__.unwrap_or_default(),
                    target: target__.unwrap_or_default(),
                    positive_class: positive_class__.unwrap_or_default(),
                    problem_type: problem_type__.unwrap_or_default(),
                    metric: metric__.unwrap_or_default(),
                    time_budget_seconds: time_budget_seconds__.unwrap_or_default(),
                    name: name__.unwrap_or_default(),
                    strategy: strategy__.unwrap_or_default(),
                    until: until__.unwrap_or_default(),
                    seed: seed__.unwrap_or_default(),
                    criteria: criteria__.unwrap_or_default(),
                    exclude_columns: exclude_columns__.unwrap_or_default(),
                    require_columns: require_columns__.unwrap_or_default(),
                    entity_column: entity_column__.unwrap_or_default(),
                    time_column: time_column__.unwrap_or_default(),
                    split_method: split_method__.unwrap_or_default(),
                    min_rows: min_rows__.unwrap_or_default(),
                    inclusion: inclusion__.unwrap_or_default(),
                    exclusion: exclusion__.unwrap_or_default(),
                    constraints: constraints__,
                    requested_by: requested_by__.unwrap_or_default(),
                    labels: labels__.unwrap_or_default(),
                    no_cache: no_cache__.unwrap_or_default(),
                    priority: priority__.unwrap_or_default(),
                    skip: skip__.unwrap_or_default(),
                    from_run: from_run__.unwrap_or_default(),
                    from_agent: from_agent__.unwrap_or_default(),
                    rollout: rollout__,
                    cause: cause__,
                    max_trials: max_trials__.unwrap_or_default(),
                    keep_judged_model: keep_judged_model__.unwrap_or_default(),
                    weight_column: weight_column__.unwrap_or_default(),
                    monotone_constraints: monotone_constraints__.unwrap_or_default(),
                    loss: loss__.unwrap_or_default(),
                    quantile: quantile__.unwrap_or_default(),
                    threshold: threshold__,
                    group_columns: group_columns__.unwrap_or_default(),
                    balance_classes: balance_classes__.unwrap_or_default(),
                    missing_markers: missing_markers__.unwrap_or_default(),
                    data_format: data_format__.unwrap_or_default(),
                    csv: csv__,
                    drop_duplicates: drop_duplicates__.unwrap_or_default(),
                    allow_leakage: allow_leakage__.unwrap_or_default(),
                    min_quality_score: min_quality_score__,
                    strict_criteria: strict_criteria__.unwrap_or_default(),
                    checks: checks__,
                    cleaning: cleaning__,
                    windows: windows__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ScopeRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for SearchOffer {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.search.is_empty() {
            len += 1;
        }
        if !self.digest.is_empty() {
            len += 1;
        }
        if self.handoff.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.SearchOffer", len)?;
        if !self.search.is_empty() {
            struct_ser.serialize_field("search", &self.search)?;
        }
        if !self.digest.is_empty() {
            struct_ser.serialize_field("digest", &self.digest)?;
        }
        if let Some(v) = self.handoff.as_ref() {
            struct_ser.serialize_field("handoff", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for SearchOffer {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "search",
            "digest",
            "handoff",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Search,
            Digest,
            Handoff,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "search" => Ok(GeneratedField::Search),
                            "digest" => Ok(GeneratedField::Digest),
                            "handoff" => Ok(GeneratedField::Handoff),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = SearchOffer;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.SearchOffer")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<SearchOffer, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut search__ = None;
                let mut digest__ = None;
                let mut handoff__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Search => {
                            if search__.is_some() {
                                return Err(serde::de::Error::duplicate_field("search"));
                            }
                            search__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Digest => {
                            if digest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("digest"));
                            }
                            digest__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Handoff => {
                            if handoff__.is_some() {
                                return Err(serde::de::Error::duplicate_field("handoff"));
                            }
                            handoff__ = map_.next_value()?;
                        }
                    }
                }
                Ok(SearchOffer {
                    search: search__.unwrap_or_default(),
                    digest: digest__.unwrap_or_default(),
                    handoff: handoff__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.SearchOffer", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for SearchReport {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.metric.is_empty() {
            len += 1;
        }
        if !self.trials.is_empty() {
            len += 1;
        }
        if self.best != 0 {
            len += 1;
        }
        if self.folds != 0 {
            len += 1;
        }
        if self.repeats != 0 {
            len += 1;
        }
        if !self.ended_by.is_empty() {
            len += 1;
        }
        if self.budget_seconds != 0. {
            len += 1;
        }
        if self.search_seconds != 0. {
            len += 1;
        }
        if self.refit_seconds != 0. {
            len += 1;
        }
        if !self.ensemble.is_empty() {
            len += 1;
        }
        if !self.calibration.is_empty() {
            len += 1;
        }
        if !self.learning_curve.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.SearchReport", len)?;
        if !self.metric.is_empty() {
            struct_ser.serialize_field("metric", &self.metric)?;
        }
        if !self.trials.is_empty() {
            struct_ser.serialize_field("trials", &self.trials)?;
        }
        if self.best != 0 {
            struct_ser.serialize_field("best", &self.best)?;
        }
        if self.folds != 0 {
            struct_ser.serialize_field("folds", &self.folds)?;
        }
        if self.repeats != 0 {
            struct_ser.serialize_field("repeats", &self.repeats)?;
        }
        if !self.ended_by.is_empty() {
            struct_ser.serialize_field("endedBy", &self.ended_by)?;
        }
        if self.budget_seconds != 0. {
            struct_ser.serialize_field("budgetSeconds", &self.budget_seconds)?;
        }
        if self.search_seconds != 0. {
            struct_ser.serialize_field("searchSeconds", &self.search_seconds)?;
        }
        if self.refit_seconds != 0. {
            struct_ser.serialize_field("refitSeconds", &self.refit_seconds)?;
        }
        if !self.ensemble.is_empty() {
            struct_ser.serialize_field("ensemble", &self.ensemble)?;
        }
        if !self.calibration.is_empty() {
            struct_ser.serialize_field("calibration", &self.calibration)?;
        }
        if !self.learning_curve.is_empty() {
            struct_ser.serialize_field("learningCurve", &self.learning_curve)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for SearchReport {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "metric",
            "trials",
            "best",
            "folds",
            "repeats",
            "ended_by",
            "endedBy",
            "budget_seconds",
            "budgetSeconds",
            "search_seconds",
            "searchSeconds",
            "refit_seconds",
            "refitSeconds",
            "ensemble",
            "calibration",
            "learning_curve",
            "learningCurve",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Metric,
            Trials,
            Best,
            Folds,
            Repeats,
            EndedBy,
            BudgetSeconds,
            SearchSeconds,
            RefitSeconds,
            Ensemble,
            Calibration,
            LearningCurve,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "metric" => Ok(GeneratedField::Metric),
                            "trials" => Ok(GeneratedField::Trials),
                            "best" => Ok(GeneratedField::Best),
                            "folds" => Ok(GeneratedField::Folds),
                            "repeats" => Ok(GeneratedField::Repeats),
                            "endedBy" | "ended_by" => Ok(GeneratedField::EndedBy),
                            "budgetSeconds" | "budget_seconds" => Ok(GeneratedField::BudgetSeconds),
                            "searchSeconds" | "search_seconds" => Ok(GeneratedField::SearchSeconds),
                            "refitSeconds" | "refit_seconds" => Ok(GeneratedField::RefitSeconds),
                            "ensemble" => Ok(GeneratedField::Ensemble),
                            "calibration" => Ok(GeneratedField::Calibration),
                            "learningCurve" | "learning_curve" => Ok(GeneratedField::LearningCurve),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = SearchReport;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.SearchReport")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<SearchReport, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut metric__ = None;
                let mut trials__ = None;
                let mut best__ = None;
                let mut folds__ = None;
                let mut repeats__ = None;
                let mut ended_by__ = None;
                let mut budget_seconds__ = None;
                let mut search_seconds__ = None;
                let mut refit_seconds__ = None;
                let mut ensemble__ = None;
                let mut calibration__ = None;
                let mut learning_curve__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Metric => {
                            if metric__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metric"));
                            }
                            metric__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Trials => {
                            if trials__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trials"));
                            }
                            trials__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Best => {
                            if best__.is_some() {
                                return Err(serde::de::Error::duplicate_field("best"));
                            }
                            best__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Folds => {
                            if folds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("folds"));
                            }
                            folds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Repeats => {
                            if repeats__.is_some() {
                                return Err(serde::de::Error::duplicate_field("repeats"));
                            }
                            repeats__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::EndedBy => {
                            if ended_by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endedBy"));
                            }
                            ended_by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::BudgetSeconds => {
                            if budget_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("budgetSeconds"));
                            }
                            budget_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::SearchSeconds => {
                            if search_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("searchSeconds"));
                            }
                            search_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::RefitSeconds => {
                            if refit_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("refitSeconds"));
                            }
                            refit_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Ensemble => {
                            if ensemble__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ensemble"));
                            }
                            ensemble__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Calibration => {
                            if calibration__.is_some() {
                                return Err(serde::de::Error::duplicate_field("calibration"));
                            }
                            calibration__ = Some(map_.next_value()?);
                        }
                        GeneratedField::LearningCurve => {
                            if learning_curve__.is_some() {
                                return Err(serde::de::Error::duplicate_field("learningCurve"));
                            }
                            learning_curve__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(SearchReport {
                    metric: metric__.unwrap_or_default(),
                    trials: trials__.unwrap_or_default(),
                    best: best__.unwrap_or_default(),
                    folds: folds__.unwrap_or_default(),
                    repeats: repeats__.unwrap_or_default(),
                    ended_by: ended_by__.unwrap_or_default(),
                    budget_seconds: budget_seconds__.unwrap_or_default(),
                    search_seconds: search_seconds__.unwrap_or_default(),
                    refit_seconds: refit_seconds__.unwrap_or_default(),
                    ensemble: ensemble__.unwrap_or_default(),
                    calibration: calibration__.unwrap_or_default(),
                    learning_curve: learning_curve__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.SearchReport", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for SegmentEffects {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.column.is_empty() {
            len += 1;
        }
        if !self.value.is_empty() {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        if !self.effects.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.SegmentEffects", len)?;
        if !self.column.is_empty() {
            struct_ser.serialize_field("column", &self.column)?;
        }
        if !self.value.is_empty() {
            struct_ser.serialize_field("value", &self.value)?;
        }
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if !self.effects.is_empty() {
            struct_ser.serialize_field("effects", &self.effects)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for SegmentEffects {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "column",
            "value",
            "rows",
            "effects",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Column,
            Value,
            Rows,
            Effects,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "column" => Ok(GeneratedField::Column),
                            "value" => Ok(GeneratedField::Value),
                            "rows" => Ok(GeneratedField::Rows),
                            "effects" => Ok(GeneratedField::Effects),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = SegmentEffects;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.SegmentEffects")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<SegmentEffects, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut column__ = None;
                let mut value__ = None;
                let mut rows__ = None;
                let mut effects__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Column => {
                            if column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("column"));
                            }
                            column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Effects => {
                            if effects__.is_some() {
                                return Err(serde::de::Error::duplicate_field("effects"));
                            }
                            effects__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(SegmentEffects {
                    column: column__.unwrap_or_default(),
                    value: value__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    effects: effects__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.SegmentEffects", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for SegmentMetrics {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.column.is_empty() {
            len += 1;
        }
        if !self.value.is_empty() {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        if !self.metrics.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.SegmentMetrics", len)?;
        if !self.column.is_empty() {
            struct_ser.serialize_field("column", &self.column)?;
        }
        if !self.value.is_empty() {
            struct_ser.serialize_field("value", &self.value)?;
        }
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if !self.metrics.is_empty() {
            struct_ser.serialize_field("metrics", &self.metrics)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for SegmentMetrics {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "column",
            "value",
            "rows",
            "metrics",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Column,
            Value,
            Rows,
            Metrics,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "column" => Ok(GeneratedField::Column),
                            "value" => Ok(GeneratedField::Value),
                            "rows" => Ok(GeneratedField::Rows),
                            "metrics" => Ok(GeneratedField::Metrics),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = SegmentMetrics;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.SegmentMetrics")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<SegmentMetrics, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut column__ = None;
                let mut value__ = None;
                let mut rows__ = None;
                let mut metrics__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Column => {
                            if column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("column"));
                            }
                            column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Metrics => {
                            if metrics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metrics"));
                            }
                            metrics__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                    }
                }
                Ok(SegmentMetrics {
                    column: column__.unwrap_or_default(),
                    value: value__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    metrics: metrics__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.SegmentMetrics", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for SegmentPerformance {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.column.is_empty() {
            len += 1;
        }
        if !self.value.is_empty() {
            len += 1;
        }
        if self.rows != 0 {
            len += 1;
        }
        if !self.metrics.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.SegmentPerformance", len)?;
        if !self.column.is_empty() {
            struct_ser.serialize_field("column", &self.column)?;
        }
        if !self.value.is_empty() {
            struct_ser.serialize_field("value", &self.value)?;
        }
        if self.rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("rows", ToString::to_string(&self.rows).as_str())?;
        }
        if !self.metrics.is_empty() {
            struct_ser.serialize_field("metrics", &self.metrics)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for SegmentPerformance {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "column",
            "value",
            "rows",
            "metrics",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Column,
            Value,
            Rows,
            Metrics,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "column" => Ok(GeneratedField::Column),
                            "value" => Ok(GeneratedField::Value),
                            "rows" => Ok(GeneratedField::Rows),
                            "metrics" => Ok(GeneratedField::Metrics),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = SegmentPerformance;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.SegmentPerformance")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<SegmentPerformance, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut column__ = None;
                let mut value__ = None;
                let mut rows__ = None;
                let mut metrics__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Column => {
                            if column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("column"));
                            }
                            column__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rows => {
                            if rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rows"));
                            }
                            rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Metrics => {
                            if metrics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metrics"));
                            }
                            metrics__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                    }
                }
                Ok(SegmentPerformance {
                    column: column__.unwrap_or_default(),
                    value: value__.unwrap_or_default(),
                    rows: rows__.unwrap_or_default(),
                    metrics: metrics__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.SegmentPerformance", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Selection {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.candidates.is_empty() {
            len += 1;
        }
        if self.baseline_score != 0. {
            len += 1;
        }
        if !self.metric.is_empty() {
            len += 1;
        }
        if self.sample_rows != 0 {
            len += 1;
        }
        if self.folds != 0 {
            len += 1;
        }
        if !self.rejected.is_empty() {
            len += 1;
        }
        if self.seconds != 0. {
            len += 1;
        }
        if !self.warm_starts.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Selection", len)?;
        if !self.candidates.is_empty() {
            struct_ser.serialize_field("candidates", &self.candidates)?;
        }
        if self.baseline_score != 0. {
            struct_ser.serialize_field("baselineScore", &self.baseline_score)?;
        }
        if !self.metric.is_empty() {
            struct_ser.serialize_field("metric", &self.metric)?;
        }
        if self.sample_rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("sampleRows", ToString::to_string(&self.sample_rows).as_str())?;
        }
        if self.folds != 0 {
            struct_ser.serialize_field("folds", &self.folds)?;
        }
        if !self.rejected.is_empty() {
            struct_ser.serialize_field("rejected", &self.rejected)?;
        }
        if self.seconds != 0. {
            struct_ser.serialize_field("seconds", &self.seconds)?;
        }
        if !self.warm_starts.is_empty() {
            struct_ser.serialize_field("warmStarts", &self.warm_starts)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Selection {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "candidates",
            "baseline_score",
            "baselineScore",
            "metric",
            "sample_rows",
            "sampleRows",
            "folds",
            "rejected",
            "seconds",
            "warm_starts",
            "warmStarts",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Candidates,
            BaselineScore,
            Metric,
            SampleRows,
            Folds,
            Rejected,
            Seconds,
            WarmStarts,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "candidates" => Ok(GeneratedField::Candidates),
                            "baselineScore" | "baseline_score" => Ok(GeneratedField::BaselineScore),
                            "metric" => Ok(GeneratedField::Metric),
                            "sampleRows" | "sample_rows" => Ok(GeneratedField::SampleRows),
                            "folds" => Ok(GeneratedField::Folds),
                            "rejected" => Ok(GeneratedField::Rejected),
                            "seconds" => Ok(GeneratedField::Seconds),
                            "warmStarts" | "warm_starts" => Ok(GeneratedField::WarmStarts),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Selection;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Selection")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Selection, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut candidates__ = None;
                let mut baseline_score__ = None;
                let mut metric__ = None;
                let mut sample_rows__ = None;
                let mut folds__ = None;
                let mut rejected__ = None;
                let mut seconds__ = None;
                let mut warm_starts__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Candidates => {
                            if candidates__.is_some() {
                                return Err(serde::de::Error::duplicate_field("candidates"));
                            }
                            candidates__ = Some(map_.next_value()?);
                        }
                        GeneratedField::BaselineScore => {
                            if baseline_score__.is_some() {
                                return Err(serde::de::Error::duplicate_field("baselineScore"));
                            }
                            baseline_score__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Metric => {
                            if metric__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metric"));
                            }
                            metric__ = Some(map_.next_value()?);
                        }
                        GeneratedField::SampleRows => {
                            if sample_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sampleRows"));
                            }
                            sample_rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Folds => {
                            if folds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("folds"));
                            }
                            folds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Rejected => {
                            if rejected__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rejected"));
                            }
                            rejected__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Seconds => {
                            if seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seconds"));
                            }
                            seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::WarmStarts => {
                            if warm_starts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("warmStarts"));
                            }
                            warm_starts__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Selection {
                    candidates: candidates__.unwrap_or_default(),
                    baseline_score: baseline_score__.unwrap_or_default(),
                    metric: metric__.unwrap_or_default(),
                    sample_rows: sample_rows__.unwrap_or_default(),
                    folds: folds__.unwrap_or_default(),
                    rejected: rejected__.unwrap_or_default(),
                    seconds: seconds__.unwrap_or_default(),
                    warm_starts: warm_starts__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Selection", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ServerReport {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.server.is_empty() {
            len += 1;
        }
        if !self.endpoint.is_empty() {
            len += 1;
        }
        if !self.url.is_empty() {
            len += 1;
        }
        if self.live_version != 0 {
            len += 1;
        }
        if !self.ready_versions.is_empty() {
            len += 1;
        }
        if !self.failures.is_empty() {
            len += 1;
        }
        if self.record_revision != 0 {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if !self.grpc_url.is_empty() {
            len += 1;
        }
        if !self.traffic.is_empty() {
            len += 1;
        }
        if self.window != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ServerReport", len)?;
        if !self.server.is_empty() {
            struct_ser.serialize_field("server", &self.server)?;
        }
        if !self.endpoint.is_empty() {
            struct_ser.serialize_field("endpoint", &self.endpoint)?;
        }
        if !self.url.is_empty() {
            struct_ser.serialize_field("url", &self.url)?;
        }
        if self.live_version != 0 {
            struct_ser.serialize_field("liveVersion", &self.live_version)?;
        }
        if !self.ready_versions.is_empty() {
            struct_ser.serialize_field("readyVersions", &self.ready_versions)?;
        }
        if !self.failures.is_empty() {
            struct_ser.serialize_field("failures", &self.failures)?;
        }
        if self.record_revision != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("recordRevision", ToString::to_string(&self.record_revision).as_str())?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if !self.grpc_url.is_empty() {
            struct_ser.serialize_field("grpcUrl", &self.grpc_url)?;
        }
        if !self.traffic.is_empty() {
            struct_ser.serialize_field("traffic", &self.traffic)?;
        }
        if self.window != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("window", ToString::to_string(&self.window).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ServerReport {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "server",
            "endpoint",
            "url",
            "live_version",
            "liveVersion",
            "ready_versions",
            "readyVersions",
            "failures",
            "record_revision",
            "recordRevision",
            "at",
            "grpc_url",
            "grpcUrl",
            "traffic",
            "window",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Server,
            Endpoint,
            Url,
            LiveVersion,
            ReadyVersions,
            Failures,
            RecordRevision,
            At,
            GrpcUrl,
            Traffic,
            Window,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "server" => Ok(GeneratedField::Server),
                            "endpoint" => Ok(GeneratedField::Endpoint),
                            "url" => Ok(GeneratedField::Url),
                            "liveVersion" | "live_version" => Ok(GeneratedField::LiveVersion),
                            "readyVersions" | "ready_versions" => Ok(GeneratedField::ReadyVersions),
                            "failures" => Ok(GeneratedField::Failures),
                            "recordRevision" | "record_revision" => Ok(GeneratedField::RecordRevision),
                            "at" => Ok(GeneratedField::At),
                            "grpcUrl" | "grpc_url" => Ok(GeneratedField::GrpcUrl),
                            "traffic" => Ok(GeneratedField::Traffic),
                            "window" => Ok(GeneratedField::Window),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ServerReport;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ServerReport")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ServerReport, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut server__ = None;
                let mut endpoint__ = None;
                let mut url__ = None;
                let mut live_version__ = None;
                let mut ready_versions__ = None;
                let mut failures__ = None;
                let mut record_revision__ = None;
                let mut at__ = None;
                let mut grpc_url__ = None;
                let mut traffic__ = None;
                let mut window__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Server => {
                            if server__.is_some() {
                                return Err(serde::de::Error::duplicate_field("server"));
                            }
                            server__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Endpoint => {
                            if endpoint__.is_some() {
                                return Err(serde::de::Error::duplicate_field("endpoint"));
                            }
                            endpoint__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Url => {
                            if url__.is_some() {
                                return Err(serde::de::Error::duplicate_field("url"));
                            }
                            url__ = Some(map_.next_value()?);
                        }
                        GeneratedField::LiveVersion => {
                            if live_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("liveVersion"));
                            }
                            live_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ReadyVersions => {
                            if ready_versions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("readyVersions"));
                            }
                            ready_versions__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                        GeneratedField::Failures => {
                            if failures__.is_some() {
                                return Err(serde::de::Error::duplicate_field("failures"));
                            }
                            failures__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RecordRevision => {
                            if record_revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("recordRevision"));
                            }
                            record_revision__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::GrpcUrl => {
                            if grpc_url__.is_some() {
                                return Err(serde::de::Error::duplicate_field("grpcUrl"));
                            }
                            grpc_url__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Traffic => {
                            if traffic__.is_some() {
                                return Err(serde::de::Error::duplicate_field("traffic"));
                            }
                            traffic__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Window => {
                            if window__.is_some() {
                                return Err(serde::de::Error::duplicate_field("window"));
                            }
                            window__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ServerReport {
                    server: server__.unwrap_or_default(),
                    endpoint: endpoint__.unwrap_or_default(),
                    url: url__.unwrap_or_default(),
                    live_version: live_version__.unwrap_or_default(),
                    ready_versions: ready_versions__.unwrap_or_default(),
                    failures: failures__.unwrap_or_default(),
                    record_revision: record_revision__.unwrap_or_default(),
                    at: at__,
                    grpc_url: grpc_url__.unwrap_or_default(),
                    traffic: traffic__.unwrap_or_default(),
                    window: window__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ServerReport", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Share {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.version != 0 {
            len += 1;
        }
        if self.weight != 0 {
            len += 1;
        }
        if self.coefficient != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Share", len)?;
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if self.weight != 0 {
            struct_ser.serialize_field("weight", &self.weight)?;
        }
        if self.coefficient != 0. {
            struct_ser.serialize_field("coefficient", &self.coefficient)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Share {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "version",
            "weight",
            "coefficient",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Version,
            Weight,
            Coefficient,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "version" => Ok(GeneratedField::Version),
                            "weight" => Ok(GeneratedField::Weight),
                            "coefficient" => Ok(GeneratedField::Coefficient),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Share;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Share")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Share, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut version__ = None;
                let mut weight__ = None;
                let mut coefficient__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Weight => {
                            if weight__.is_some() {
                                return Err(serde::de::Error::duplicate_field("weight"));
                            }
                            weight__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Coefficient => {
                            if coefficient__.is_some() {
                                return Err(serde::de::Error::duplicate_field("coefficient"));
                            }
                            coefficient__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Share {
                    version: version__.unwrap_or_default(),
                    weight: weight__.unwrap_or_default(),
                    coefficient: coefficient__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Share", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Silence {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "SILENCE_UNSPECIFIED",
            Self::Replay => "SILENCE_REPLAY",
            Self::Wait => "SILENCE_WAIT",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for Silence {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "SILENCE_UNSPECIFIED",
            "SILENCE_REPLAY",
            "SILENCE_WAIT",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = Silence;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "SILENCE_UNSPECIFIED" => Ok(Silence::Unspecified),
                    "SILENCE_REPLAY" => Ok(Silence::Replay),
                    "SILENCE_WAIT" => Ok(Silence::Wait),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for SplitMethod {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "SPLIT_METHOD_UNSPECIFIED",
            Self::Random => "SPLIT_METHOD_RANDOM",
            Self::Stratified => "SPLIT_METHOD_STRATIFIED",
            Self::Entity => "SPLIT_METHOD_ENTITY",
            Self::Time => "SPLIT_METHOD_TIME",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for SplitMethod {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "SPLIT_METHOD_UNSPECIFIED",
            "SPLIT_METHOD_RANDOM",
            "SPLIT_METHOD_STRATIFIED",
            "SPLIT_METHOD_ENTITY",
            "SPLIT_METHOD_TIME",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = SplitMethod;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "SPLIT_METHOD_UNSPECIFIED" => Ok(SplitMethod::Unspecified),
                    "SPLIT_METHOD_RANDOM" => Ok(SplitMethod::Random),
                    "SPLIT_METHOD_STRATIFIED" => Ok(SplitMethod::Stratified),
                    "SPLIT_METHOD_ENTITY" => Ok(SplitMethod::Entity),
                    "SPLIT_METHOD_TIME" => Ok(SplitMethod::Time),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for StageEvent {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.run_id.is_empty() {
            len += 1;
        }
        if self.epoch != 0 {
            len += 1;
        }
        if !self.agent.is_empty() {
            len += 1;
        }
        if self.kind != 0 {
            len += 1;
        }
        if self.attempt != 0 {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if !self.replica.is_empty() {
            len += 1;
        }
        if self.failure.is_some() {
            len += 1;
        }
        if self.progress != 0. {
            len += 1;
        }
        if !self.detail.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.StageEvent", len)?;
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if self.epoch != 0 {
            struct_ser.serialize_field("epoch", &self.epoch)?;
        }
        if !self.agent.is_empty() {
            struct_ser.serialize_field("agent", &self.agent)?;
        }
        if self.kind != 0 {
            let v = StageEventKind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if self.attempt != 0 {
            struct_ser.serialize_field("attempt", &self.attempt)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if !self.replica.is_empty() {
            struct_ser.serialize_field("replica", &self.replica)?;
        }
        if let Some(v) = self.failure.as_ref() {
            struct_ser.serialize_field("failure", v)?;
        }
        if self.progress != 0. {
            struct_ser.serialize_field("progress", &self.progress)?;
        }
        if !self.detail.is_empty() {
            struct_ser.serialize_field("detail", &self.detail)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for StageEvent {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "run_id",
            "runId",
            "epoch",
            "agent",
            "kind",
            "attempt",
            "at",
            "replica",
            "failure",
            "progress",
            "detail",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            RunId,
            Epoch,
            Agent,
            Kind,
            Attempt,
            At,
            Replica,
            Failure,
            Progress,
            Detail,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "epoch" => Ok(GeneratedField::Epoch),
                            "agent" => Ok(GeneratedField::Agent),
                            "kind" => Ok(GeneratedField::Kind),
                            "attempt" => Ok(GeneratedField::Attempt),
                            "at" => Ok(GeneratedField::At),
                            "replica" => Ok(GeneratedField::Replica),
                            "failure" => Ok(GeneratedField::Failure),
                            "progress" => Ok(GeneratedField::Progress),
                            "detail" => Ok(GeneratedField::Detail),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = StageEvent;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.StageEvent")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<StageEvent, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut run_id__ = None;
                let mut epoch__ = None;
                let mut agent__ = None;
                let mut kind__ = None;
                let mut attempt__ = None;
                let mut at__ = None;
                let mut replica__ = None;
                let mut failure__ = None;
                let mut progress__ = None;
                let mut detail__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Epoch => {
                            if epoch__.is_some() {
                                return Err(serde::de::Error::duplicate_field("epoch"));
                            }
                            epoch__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Agent => {
                            if agent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("agent"));
                            }
                            agent__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<StageEventKind>()? as i32);
                        }
                        GeneratedField::Attempt => {
                            if attempt__.is_some() {
                                return Err(serde::de::Error::duplicate_field("attempt"));
                            }
                            attempt__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::Replica => {
                            if replica__.is_some() {
                                return Err(serde::de::Error::duplicate_field("replica"));
                            }
                            replica__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Failure => {
                            if failure__.is_some() {
                                return Err(serde::de::Error::duplicate_field("failure"));
                            }
                            failure__ = map_.next_value()?;
                        }
                        GeneratedField::Progress => {
                            if progress__.is_some() {
                                return Err(serde::de::Error::duplicate_field("progress"));
                            }
                            progress__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Detail => {
                            if detail__.is_some() {
                                return Err(serde::de::Error::duplicate_field("detail"));
                            }
                            detail__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(StageEvent {
                    run_id: run_id__.unwrap_or_default(),
                    epoch: epoch__.unwrap_or_default(),
                    agent: agent__.unwrap_or_default(),
                    kind: kind__.unwrap_or_default(),
                    attempt: attempt__.unwrap_or_default(),
                    at: at__,
                    replica: replica__.unwrap_or_default(),
                    failure: failure__,
                    progress: progress__.unwrap_or_default(),
                    detail: detail__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.StageEvent", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for StageEventKind {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "STAGE_EVENT_KIND_UNSPECIFIED",
            Self::Started => "STAGE_EVENT_KIND_STARTED",
            Self::Progress => "STAGE_EVENT_KIND_PROGRESS",
            Self::Retrying => "STAGE_EVENT_KIND_RETRYING",
            Self::DeadLettered => "STAGE_EVENT_KIND_DEAD_LETTERED",
            Self::Noted => "STAGE_EVENT_KIND_NOTED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for StageEventKind {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "STAGE_EVENT_KIND_UNSPECIFIED",
            "STAGE_EVENT_KIND_STARTED",
            "STAGE_EVENT_KIND_PROGRESS",
            "STAGE_EVENT_KIND_RETRYING",
            "STAGE_EVENT_KIND_DEAD_LETTERED",
            "STAGE_EVENT_KIND_NOTED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = StageEventKind;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "STAGE_EVENT_KIND_UNSPECIFIED" => Ok(StageEventKind::Unspecified),
                    "STAGE_EVENT_KIND_STARTED" => Ok(StageEventKind::Started),
                    "STAGE_EVENT_KIND_PROGRESS" => Ok(StageEventKind::Progress),
                    "STAGE_EVENT_KIND_RETRYING" => Ok(StageEventKind::Retrying),
                    "STAGE_EVENT_KIND_DEAD_LETTERED" => Ok(StageEventKind::DeadLettered),
                    "STAGE_EVENT_KIND_NOTED" => Ok(StageEventKind::Noted),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for StageOutput {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.agent.is_empty() {
            len += 1;
        }
        if !self.agent_version.is_empty() {
            len += 1;
        }
        if !self.replica.is_empty() {
            len += 1;
        }
        if self.started_at.is_some() {
            len += 1;
        }
        if self.elapsed.is_some() {
            len += 1;
        }
        if self.attempt != 0 {
            len += 1;
        }
        if !self.reused_from.is_empty() {
            len += 1;
        }
        if self.waited.is_some() {
            len += 1;
        }
        if self.reading.is_some() {
            len += 1;
        }
        if self.writing.is_some() {
            len += 1;
        }
        if self.output.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.StageOutput", len)?;
        if !self.agent.is_empty() {
            struct_ser.serialize_field("agent", &self.agent)?;
        }
        if !self.agent_version.is_empty() {
            struct_ser.serialize_field("agentVersion", &self.agent_version)?;
        }
        if !self.replica.is_empty() {
            struct_ser.serialize_field("replica", &self.replica)?;
        }
        if let Some(v) = self.started_at.as_ref() {
            struct_ser.serialize_field("startedAt", v)?;
        }
        if let Some(v) = self.elapsed.as_ref() {
            struct_ser.serialize_field("elapsed", v)?;
        }
        if self.attempt != 0 {
            struct_ser.serialize_field("attempt", &self.attempt)?;
        }
        if !self.reused_from.is_empty() {
            struct_ser.serialize_field("reusedFrom", &self.reused_from)?;
        }
        if let Some(v) = self.waited.as_ref() {
            struct_ser.serialize_field("waited", v)?;
        }
        if let Some(v) = self.reading.as_ref() {
            struct_ser.serialize_field("reading", v)?;
        }
        if let Some(v) = self.writing.as_ref() {
            struct_ser.serialize_field("writing", v)?;
        }
        if let Some(v) = self.output.as_ref() {
            match v {
                stage_output::Output::Scope(v) => {
                    struct_ser.serialize_field("scope", v)?;
                }
                stage_output::Output::PreparedData(v) => {
                    struct_ser.serialize_field("preparedData", v)?;
                }
                stage_output::Output::FeatureSet(v) => {
                    struct_ser.serialize_field("featureSet", v)?;
                }
                stage_output::Output::Selection(v) => {
                    struct_ser.serialize_field("selection", v)?;
                }
                stage_output::Output::TrainedModel(v) => {
                    struct_ser.serialize_field("trainedModel", v)?;
                }
                stage_output::Output::Deployment(v) => {
                    struct_ser.serialize_field("deployment", v)?;
                }
                stage_output::Output::Monitoring(v) => {
                    struct_ser.serialize_field("monitoring", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for StageOutput {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "agent",
            "agent_version",
            "agentVersion",
            "replica",
            "started_at",
            "startedAt",
            "elapsed",
            "attempt",
            "reused_from",
            "reusedFrom",
            "waited",
            "reading",
            "writing",
            "scope",
            "prepared_data",
            "preparedData",
            "feature_set",
            "featureSet",
            "selection",
            "trained_model",
            "trainedModel",
            "deployment",
            "monitoring",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Agent,
            AgentVersion,
            Replica,
            StartedAt,
            Elapsed,
            Attempt,
            ReusedFrom,
            Waited,
            Reading,
            Writing,
            Scope,
            PreparedData,
            FeatureSet,
            Selection,
            TrainedModel,
            Deployment,
            Monitoring,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "agent" => Ok(GeneratedField::Agent),
                            "agentVersion" | "agent_version" => Ok(GeneratedField::AgentVersion),
                            "replica" => Ok(GeneratedField::Replica),
                            "startedAt" | "started_at" => Ok(GeneratedField::StartedAt),
                            "elapsed" => Ok(GeneratedField::Elapsed),
                            "attempt" => Ok(GeneratedField::Attempt),
                            "reusedFrom" | "reused_from" => Ok(GeneratedField::ReusedFrom),
                            "waited" => Ok(GeneratedField::Waited),
                            "reading" => Ok(GeneratedField::Reading),
                            "writing" => Ok(GeneratedField::Writing),
                            "scope" => Ok(GeneratedField::Scope),
                            "preparedData" | "prepared_data" => Ok(GeneratedField::PreparedData),
                            "featureSet" | "feature_set" => Ok(GeneratedField::FeatureSet),
                            "selection" => Ok(GeneratedField::Selection),
                            "trainedModel" | "trained_model" => Ok(GeneratedField::TrainedModel),
                            "deployment" => Ok(GeneratedField::Deployment),
                            "monitoring" => Ok(GeneratedField::Monitoring),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = StageOutput;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.StageOutput")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<StageOutput, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut agent__ = None;
                let mut agent_version__ = None;
                let mut replica__ = None;
                let mut started_at__ = None;
                let mut elapsed__ = None;
                let mut attempt__ = None;
                let mut reused_from__ = None;
                let mut waited__ = None;
                let mut reading__ = None;
                let mut writing__ = None;
                let mut output__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Agent => {
                            if agent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("agent"));
                            }
                            agent__ = Some(map_.next_value()?);
                        }
                        GeneratedField::AgentVersion => {
                            if agent_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("agentVersion"));
                            }
                            agent_version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Replica => {
                            if replica__.is_some() {
                                return Err(serde::de::Error::duplicate_field("replica"));
                            }
                            replica__ = Some(map_.next_value()?);
                        }
                        GeneratedField::StartedAt => {
                            if started_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("startedAt"));
                            }
                            started_at__ = map_.next_value()?;
                        }
                        GeneratedField::Elapsed => {
                            if elapsed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("elapsed"));
                            }
                            elapsed__ = map_.next_value()?;
                        }
                        GeneratedField::Attempt => {
                            if attempt__.is_some() {
                                return Err(serde::de::Error::duplicate_field("attempt"));
                            }
                            attempt__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ReusedFrom => {
                            if reused_from__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reusedFrom"));
                            }
                            reused_from__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Waited => {
                            if waited__.is_some() {
                                return Err(serde::de::Error::duplicate_field("waited"));
                            }
                            waited__ = map_.next_value()?;
                        }
                        GeneratedField::Reading => {
                            if reading__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reading"));
                            }
                            reading__ = map_.next_value()?;
                        }
                        GeneratedField::Writing => {
                            if writing__.is_some() {
                                return Err(serde::de::Error::duplicate_field("writing"));
                            }
                            writing__ = map_.next_value()?;
                        }
                        GeneratedField::Scope => {
                            if output__.is_some() {
                                return Err(serde::de::Error::duplicate_field("scope"));
                            }
                            output__ = map_.next_value::<::std::option::Option<_>>()?.map(stage_output::Output::Scope)
;
                        }
                        GeneratedField::PreparedData => {
                            if output__.is_some() {
                                return Err(serde::de::Error::duplicate_field("preparedData"));
                            }
                            output__ = map_.next_value::<::std::option::Option<_>>()?.map(stage_output::Output::PreparedData)
;
                        }
                        GeneratedField::FeatureSet => {
                            if output__.is_some() {
                                return Err(serde::de::Error::duplicate_field("featureSet"));
                            }
                            output__ = map_.next_value::<::std::option::Option<_>>()?.map(stage_output::Output::FeatureSet)
;
                        }
                        GeneratedField::Selection => {
                            if output__.is_some() {
                                return Err(serde::de::Error::duplicate_field("selection"));
                            }
                            output__ = map_.next_value::<::std::option::Option<_>>()?.map(stage_output::Output::Selection)
;
                        }
                        GeneratedField::TrainedModel => {
                            if output__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trainedModel"));
                            }
                            output__ = map_.next_value::<::std::option::Option<_>>()?.map(stage_output::Output::TrainedModel)
;
                        }
                        GeneratedField::Deployment => {
                            if output__.is_some() {
                                return Err(serde::de::Error::duplicate_field("deployment"));
                            }
                            output__ = map_.next_value::<::std::option::Option<_>>()?.map(stage_output::Output::Deployment)
;
                        }
                        GeneratedField::Monitoring => {
                            if output__.is_some() {
                                return Err(serde::de::Error::duplicate_field("monitoring"));
                            }
                            output__ = map_.next_value::<::std::option::Option<_>>()?.map(stage_output::Output::Monitoring)
;
                        }
                    }
                }
                Ok(StageOutput {
                    agent: agent__.unwrap_or_default(),
                    agent_version: agent_version__.unwrap_or_default(),
                    replica: replica__.unwrap_or_default(),
                    started_at: started_at__,
                    elapsed: elapsed__,
                    attempt: attempt__.unwrap_or_default(),
                    reused_from: reused_from__.unwrap_or_default(),
                    waited: waited__,
                    reading: reading__,
                    writing: writing__,
                    output: output__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.StageOutput", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for StageTransition {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.from != 0 {
            len += 1;
        }
        if self.to != 0 {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        if !self.by.is_empty() {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        if !self.code.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.StageTransition", len)?;
        if self.from != 0 {
            let v = ModelStage::try_from(self.from)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.from)))?;
            struct_ser.serialize_field("from", &v)?;
        }
        if self.to != 0 {
            let v = ModelStage::try_from(self.to)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.to)))?;
            struct_ser.serialize_field("to", &v)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if !self.by.is_empty() {
            struct_ser.serialize_field("by", &self.by)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for StageTransition {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "from",
            "to",
            "at",
            "by",
            "reason",
            "code",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            From,
            To,
            At,
            By,
            Reason,
            Code,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "from" => Ok(GeneratedField::From),
                            "to" => Ok(GeneratedField::To),
                            "at" => Ok(GeneratedField::At),
                            "by" => Ok(GeneratedField::By),
                            "reason" => Ok(GeneratedField::Reason),
                            "code" => Ok(GeneratedField::Code),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = StageTransition;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.StageTransition")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<StageTransition, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut from__ = None;
                let mut to__ = None;
                let mut at__ = None;
                let mut by__ = None;
                let mut reason__ = None;
                let mut code__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::From => {
                            if from__.is_some() {
                                return Err(serde::de::Error::duplicate_field("from"));
                            }
                            from__ = Some(map_.next_value::<ModelStage>()? as i32);
                        }
                        GeneratedField::To => {
                            if to__.is_some() {
                                return Err(serde::de::Error::duplicate_field("to"));
                            }
                            to__ = Some(map_.next_value::<ModelStage>()? as i32);
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::By => {
                            if by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("by"));
                            }
                            by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(StageTransition {
                    from: from__.unwrap_or_default(),
                    to: to__.unwrap_or_default(),
                    at: at__,
                    by: by__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                    code: code__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.StageTransition", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for StepRecord {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.output.is_some() {
            len += 1;
        }
        if self.status != 0 {
            len += 1;
        }
        if !self.warnings.is_empty() {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        if self.epoch != 0 {
            len += 1;
        }
        if self.at.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.StepRecord", len)?;
        if let Some(v) = self.output.as_ref() {
            struct_ser.serialize_field("output", v)?;
        }
        if self.status != 0 {
            let v = HandoffStatus::try_from(self.status)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.status)))?;
            struct_ser.serialize_field("status", &v)?;
        }
        if !self.warnings.is_empty() {
            struct_ser.serialize_field("warnings", &self.warnings)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if self.epoch != 0 {
            struct_ser.serialize_field("epoch", &self.epoch)?;
        }
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for StepRecord {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "output",
            "status",
            "warnings",
            "run_id",
            "runId",
            "epoch",
            "at",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Output,
            Status,
            Warnings,
            RunId,
            Epoch,
            At,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "output" => Ok(GeneratedField::Output),
                            "status" => Ok(GeneratedField::Status),
                            "warnings" => Ok(GeneratedField::Warnings),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "epoch" => Ok(GeneratedField::Epoch),
                            "at" => Ok(GeneratedField::At),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = StepRecord;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.StepRecord")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<StepRecord, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut output__ = None;
                let mut status__ = None;
                let mut warnings__ = None;
                let mut run_id__ = None;
                let mut epoch__ = None;
                let mut at__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Output => {
                            if output__.is_some() {
                                return Err(serde::de::Error::duplicate_field("output"));
                            }
                            output__ = map_.next_value()?;
                        }
                        GeneratedField::Status => {
                            if status__.is_some() {
                                return Err(serde::de::Error::duplicate_field("status"));
                            }
                            status__ = Some(map_.next_value::<HandoffStatus>()? as i32);
                        }
                        GeneratedField::Warnings => {
                            if warnings__.is_some() {
                                return Err(serde::de::Error::duplicate_field("warnings"));
                            }
                            warnings__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Epoch => {
                            if epoch__.is_some() {
                                return Err(serde::de::Error::duplicate_field("epoch"));
                            }
                            epoch__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                    }
                }
                Ok(StepRecord {
                    output: output__,
                    status: status__.unwrap_or_default(),
                    warnings: warnings__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                    epoch: epoch__.unwrap_or_default(),
                    at: at__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.StepRecord", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TableReference {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.columns.is_empty() {
            len += 1;
        }
        if !self.uri.is_empty() {
            len += 1;
        }
        if !self.key.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.TableReference", len)?;
        if !self.columns.is_empty() {
            struct_ser.serialize_field("columns", &self.columns)?;
        }
        if !self.uri.is_empty() {
            struct_ser.serialize_field("uri", &self.uri)?;
        }
        if !self.key.is_empty() {
            struct_ser.serialize_field("key", &self.key)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TableReference {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "columns",
            "uri",
            "key",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Columns,
            Uri,
            Key,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "columns" => Ok(GeneratedField::Columns),
                            "uri" => Ok(GeneratedField::Uri),
                            "key" => Ok(GeneratedField::Key),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TableReference;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.TableReference")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TableReference, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut columns__ = None;
                let mut uri__ = None;
                let mut key__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Columns => {
                            if columns__.is_some() {
                                return Err(serde::de::Error::duplicate_field("columns"));
                            }
                            columns__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Uri => {
                            if uri__.is_some() {
                                return Err(serde::de::Error::duplicate_field("uri"));
                            }
                            uri__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Key => {
                            if key__.is_some() {
                                return Err(serde::de::Error::duplicate_field("key"));
                            }
                            key__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(TableReference {
                    columns: columns__.unwrap_or_default(),
                    uri: uri__.unwrap_or_default(),
                    key: key__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.TableReference", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ThresholdObjective {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.metric.is_empty() {
            len += 1;
        }
        if self.beta != 0. {
            len += 1;
        }
        if self.false_positive_cost != 0. {
            len += 1;
        }
        if self.false_negative_cost != 0. {
            len += 1;
        }
        if self.k != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ThresholdObjective", len)?;
        if !self.metric.is_empty() {
            struct_ser.serialize_field("metric", &self.metric)?;
        }
        if self.beta != 0. {
            struct_ser.serialize_field("beta", &self.beta)?;
        }
        if self.false_positive_cost != 0. {
            struct_ser.serialize_field("falsePositiveCost", &self.false_positive_cost)?;
        }
        if self.false_negative_cost != 0. {
            struct_ser.serialize_field("falseNegativeCost", &self.false_negative_cost)?;
        }
        if self.k != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("k", ToString::to_string(&self.k).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ThresholdObjective {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "metric",
            "beta",
            "false_positive_cost",
            "falsePositiveCost",
            "false_negative_cost",
            "falseNegativeCost",
            "k",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Metric,
            Beta,
            FalsePositiveCost,
            FalseNegativeCost,
            K,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "metric" => Ok(GeneratedField::Metric),
                            "beta" => Ok(GeneratedField::Beta),
                            "falsePositiveCost" | "false_positive_cost" => Ok(GeneratedField::FalsePositiveCost),
                            "falseNegativeCost" | "false_negative_cost" => Ok(GeneratedField::FalseNegativeCost),
                            "k" => Ok(GeneratedField::K),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ThresholdObjective;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ThresholdObjective")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ThresholdObjective, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut metric__ = None;
                let mut beta__ = None;
                let mut false_positive_cost__ = None;
                let mut false_negative_cost__ = None;
                let mut k__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Metric => {
                            if metric__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metric"));
                            }
                            metric__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Beta => {
                            if beta__.is_some() {
                                return Err(serde::de::Error::duplicate_field("beta"));
                            }
                            beta__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::FalsePositiveCost => {
                            if false_positive_cost__.is_some() {
                                return Err(serde::de::Error::duplicate_field("falsePositiveCost"));
                            }
                            false_positive_cost__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::FalseNegativeCost => {
                            if false_negative_cost__.is_some() {
                                return Err(serde::de::Error::duplicate_field("falseNegativeCost"));
                            }
                            false_negative_cost__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::K => {
                            if k__.is_some() {
                                return Err(serde::de::Error::duplicate_field("k"));
                            }
                            k__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ThresholdObjective {
                    metric: metric__.unwrap_or_default(),
                    beta: beta__.unwrap_or_default(),
                    false_positive_cost: false_positive_cost__.unwrap_or_default(),
                    false_negative_cost: false_negative_cost__.unwrap_or_default(),
                    k: k__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ThresholdObjective", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TrainedModel {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.bundle.is_some() {
            len += 1;
        }
        if !self.algorithm.is_empty() {
            len += 1;
        }
        if !self.parameters.is_empty() {
            len += 1;
        }
        if self.threshold != 0. {
            len += 1;
        }
        if !self.validation_metrics.is_empty() {
            len += 1;
        }
        if !self.test_metrics.is_empty() {
            len += 1;
        }
        if !self.baseline_metrics.is_empty() {
            len += 1;
        }
        if !self.criteria.is_empty() {
            len += 1;
        }
        if self.trials != 0 {
            len += 1;
        }
        if self.search_seconds != 0. {
            len += 1;
        }
        if self.check_rows.is_some() {
            len += 1;
        }
        if !self.feature_importance.is_empty() {
            len += 1;
        }
        if !self.signature_inputs.is_empty() {
            len += 1;
        }
        if !self.classes.is_empty() {
            len += 1;
        }
        if self.problem_type != 0 {
            len += 1;
        }
        if self.evaluation_rows.is_some() {
            len += 1;
        }
        if self.search_report.is_some() {
            len += 1;
        }
        if self.drift_reference.is_some() {
            len += 1;
        }
        if !self.ensemble.is_empty() {
            len += 1;
        }
        if !self.calibration.is_empty() {
            len += 1;
        }
        if self.trained_rows != 0 {
            len += 1;
        }
        if self.judged_rows != 0 {
            len += 1;
        }
        if self.refitted {
            len += 1;
        }
        if !self.segments.is_empty() {
            len += 1;
        }
        if self.explanation.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.TrainedModel", len)?;
        if let Some(v) = self.bundle.as_ref() {
            struct_ser.serialize_field("bundle", v)?;
        }
        if !self.algorithm.is_empty() {
            struct_ser.serialize_field("algorithm", &self.algorithm)?;
        }
        if !self.parameters.is_empty() {
            struct_ser.serialize_field("parameters", &self.parameters)?;
        }
        if self.threshold != 0. {
            struct_ser.serialize_field("threshold", &self.threshold)?;
        }
        if !self.validation_metrics.is_empty() {
            struct_ser.serialize_field("validationMetrics", &self.validation_metrics)?;
        }
        if !self.test_metrics.is_empty() {
            struct_ser.serialize_field("testMetrics", &self.test_metrics)?;
        }
        if !self.baseline_metrics.is_empty() {
            struct_ser.serialize_field("baselineMetrics", &self.baseline_metrics)?;
        }
        if !self.criteria.is_empty() {
            struct_ser.serialize_field("criteria", &self.criteria)?;
        }
        if self.trials != 0 {
            struct_ser.serialize_field("trials", &self.trials)?;
        }
        if self.search_seconds != 0. {
            struct_ser.serialize_field("searchSeconds", &self.search_seconds)?;
        }
        if let Some(v) = self.check_rows.as_ref() {
            struct_ser.serialize_field("checkRows", v)?;
        }
        if !self.feature_importance.is_empty() {
            struct_ser.serialize_field("featureImportance", &self.feature_importance)?;
        }
        if !self.signature_inputs.is_empty() {
            struct_ser.serialize_field("signatureInputs", &self.signature_inputs)?;
        }
        if !self.classes.is_empty() {
            struct_ser.serialize_field("classes", &self.classes)?;
        }
        if self.problem_type != 0 {
            let v = ProblemType::try_from(self.problem_type)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.problem_type)))?;
            struct_ser.serialize_field("problemType", &v)?;
        }
        if let Some(v) = self.evaluation_rows.as_ref() {
            struct_ser.serialize_field("evaluationRows", v)?;
        }
        if let Some(v) = self.search_report.as_ref() {
            struct_ser.serialize_field("searchReport", v)?;
        }
        if let Some(v) = self.drift_reference.as_ref() {
            struct_ser.serialize_field("driftReference", v)?;
        }
        if !self.ensemble.is_empty() {
            struct_ser.serialize_field("ensemble", &self.ensemble)?;
        }
        if !self.calibration.is_empty() {
            struct_ser.serialize_field("calibration", &self.calibration)?;
        }
        if self.trained_rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("trainedRows", ToString::to_string(&self.trained_rows).as_str())?;
        }
        if self.judged_rows != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("judgedRows", ToString::to_string(&self.judged_rows).as_str())?;
        }
        if self.refitted {
            struct_ser.serialize_field("refitted", &self.refitted)?;
        }
        if !self.segments.is_empty() {
            struct_ser.serialize_field("segments", &self.segments)?;
        }
        if let Some(v) = self.explanation.as_ref() {
            struct_ser.serialize_field("explanation", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TrainedModel {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "bundle",
            "algorithm",
            "parameters",
            "threshold",
            "validation_metrics",
            "validationMetrics",
            "test_metrics",
            "testMetrics",
            "baseline_metrics",
            "baselineMetrics",
            "criteria",
            "trials",
            "search_seconds",
            "searchSeconds",
            "check_rows",
            "checkRows",
            "feature_importance",
            "featureImportance",
            "signature_inputs",
            "signatureInputs",
            "classes",
            "problem_type",
            "problemType",
            "evaluation_rows",
            "evaluationRows",
            "search_report",
            "searchReport",
            "drift_reference",
            "driftReference",
            "ensemble",
            "calibration",
            "trained_rows",
            "trainedRows",
            "judged_rows",
            "judgedRows",
            "refitted",
            "segments",
            "explanation",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Bundle,
            Algorithm,
            Parameters,
            Threshold,
            ValidationMetrics,
            TestMetrics,
            BaselineMetrics,
            Criteria,
            Trials,
            SearchSeconds,
            CheckRows,
            FeatureImportance,
            SignatureInputs,
            Classes,
            ProblemType,
            EvaluationRows,
            SearchReport,
            DriftReference,
            Ensemble,
            Calibration,
            TrainedRows,
            JudgedRows,
            Refitted,
            Segments,
            Explanation,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "bundle" => Ok(GeneratedField::Bundle),
                            "algorithm" => Ok(GeneratedField::Algorithm),
                            "parameters" => Ok(GeneratedField::Parameters),
                            "threshold" => Ok(GeneratedField::Threshold),
                            "validationMetrics" | "validation_metrics" => Ok(GeneratedField::ValidationMetrics),
                            "testMetrics" | "test_metrics" => Ok(GeneratedField::TestMetrics),
                            "baselineMetrics" | "baseline_metrics" => Ok(GeneratedField::BaselineMetrics),
                            "criteria" => Ok(GeneratedField::Criteria),
                            "trials" => Ok(GeneratedField::Trials),
                            "searchSeconds" | "search_seconds" => Ok(GeneratedField::SearchSeconds),
                            "checkRows" | "check_rows" => Ok(GeneratedField::CheckRows),
                            "featureImportance" | "feature_importance" => Ok(GeneratedField::FeatureImportance),
                            "signatureInputs" | "signature_inputs" => Ok(GeneratedField::SignatureInputs),
                            "classes" => Ok(GeneratedField::Classes),
                            "problemType" | "problem_type" => Ok(GeneratedField::ProblemType),
                            "evaluationRows" | "evaluation_rows" => Ok(GeneratedField::EvaluationRows),
                            "searchReport" | "search_report" => Ok(GeneratedField::SearchReport),
                            "driftReference" | "drift_reference" => Ok(GeneratedField::DriftReference),
                            "ensemble" => Ok(GeneratedField::Ensemble),
                            "calibration" => Ok(GeneratedField::Calibration),
                            "trainedRows" | "trained_rows" => Ok(GeneratedField::TrainedRows),
                            "judgedRows" | "judged_rows" => Ok(GeneratedField::JudgedRows),
                            "refitted" => Ok(GeneratedField::Refitted),
                            "segments" => Ok(GeneratedField::Segments),
                            "explanation" => Ok(GeneratedField::Explanation),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TrainedModel;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.TrainedModel")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TrainedModel, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut bundle__ = None;
                let mut algorithm__ = None;
                let mut parameters__ = None;
                let mut threshold__ = None;
                let mut validation_metrics__ = None;
                let mut test_metrics__ = None;
                let mut baseline_metrics__ = None;
                let mut criteria__ = None;
                let mut trials__ = None;
                let mut search_seconds__ = None;
                let mut check_rows__ = None;
                let mut feature_importance__ = None;
                let mut signature_inputs__ = None;
                let mut classes__ = None;
                let mut problem_type__ = None;
                let mut evaluation_rows__ = None;
                let mut search_report__ = None;
                let mut drift_reference__ = None;
                let mut ensemble__ = None;
                let mut calibration__ = None;
                let mut trained_rows__ = None;
                let mut judged_rows__ = None;
                let mut refitted__ = None;
                let mut segments__ = None;
                let mut explanation__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Bundle => {
                            if bundle__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bundle"));
                            }
                            bundle__ = map_.next_value()?;
                        }
                        GeneratedField::Algorithm => {
                            if algorithm__.is_some() {
                                return Err(serde::de::Error::duplicate_field("algorithm"));
                            }
                            algorithm__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Parameters => {
                            if parameters__.is_some() {
                                return Err(serde::de::Error::duplicate_field("parameters"));
                            }
                            parameters__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::Threshold => {
                            if threshold__.is_some() {
                                return Err(serde::de::Error::duplicate_field("threshold"));
                            }
                            threshold__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ValidationMetrics => {
                            if validation_metrics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("validationMetrics"));
                            }
                            validation_metrics__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::TestMetrics => {
                            if test_metrics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("testMetrics"));
                            }
                            test_metrics__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, _>>()?
                            );
                        }
                        GeneratedField::BaselineMetrics => {
                            if baseline_metrics__.is_some() {
                                return Err(serde::de::Error::duplicate_field("baselineMetrics"));
                            }
                            baseline_metrics__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::Criteria => {
                            if criteria__.is_some() {
                                return Err(serde::de::Error::duplicate_field("criteria"));
                            }
                            criteria__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Trials => {
                            if trials__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trials"));
                            }
                            trials__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::SearchSeconds => {
                            if search_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("searchSeconds"));
                            }
                            search_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::CheckRows => {
                            if check_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("checkRows"));
                            }
                            check_rows__ = map_.next_value()?;
                        }
                        GeneratedField::FeatureImportance => {
                            if feature_importance__.is_some() {
                                return Err(serde::de::Error::duplicate_field("featureImportance"));
                            }
                            feature_importance__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::SignatureInputs => {
                            if signature_inputs__.is_some() {
                                return Err(serde::de::Error::duplicate_field("signatureInputs"));
                            }
                            signature_inputs__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Classes => {
                            if classes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("classes"));
                            }
                            classes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ProblemType => {
                            if problem_type__.is_some() {
                                return Err(serde::de::Error::duplicate_field("problemType"));
                            }
                            problem_type__ = Some(map_.next_value::<ProblemType>()? as i32);
                        }
                        GeneratedField::EvaluationRows => {
                            if evaluation_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("evaluationRows"));
                            }
                            evaluation_rows__ = map_.next_value()?;
                        }
                        GeneratedField::SearchReport => {
                            if search_report__.is_some() {
                                return Err(serde::de::Error::duplicate_field("searchReport"));
                            }
                            search_report__ = map_.next_value()?;
                        }
                        GeneratedField::DriftReference => {
                            if drift_reference__.is_some() {
                                return Err(serde::de::Error::duplicate_field("driftReference"));
                            }
                            drift_reference__ = map_.next_value()?;
                        }
                        GeneratedField::Ensemble => {
                            if ensemble__.is_some() {
                                return Err(serde::de::Error::duplicate_field("ensemble"));
                            }
                            ensemble__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Calibration => {
                            if calibration__.is_some() {
                                return Err(serde::de::Error::duplicate_field("calibration"));
                            }
                            calibration__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TrainedRows => {
                            if trained_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("trainedRows"));
                            }
                            trained_rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::JudgedRows => {
                            if judged_rows__.is_some() {
                                return Err(serde::de::Error::duplicate_field("judgedRows"));
                            }
                            judged_rows__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Refitted => {
                            if refitted__.is_some() {
                                return Err(serde::de::Error::duplicate_field("refitted"));
                            }
                            refitted__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Segments => {
                            if segments__.is_some() {
                                return Err(serde::de::Error::duplicate_field("segments"));
                            }
                            segments__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Explanation => {
                            if explanation__.is_some() {
                                return Err(serde::de::Error::duplicate_field("explanation"));
                            }
                            explanation__ = map_.next_value()?;
                        }
                    }
                }
                Ok(TrainedModel {
                    bundle: bundle__,
                    algorithm: algorithm__.unwrap_or_default(),
                    parameters: parameters__.unwrap_or_default(),
                    threshold: threshold__.unwrap_or_default(),
                    validation_metrics: validation_metrics__.unwrap_or_default(),
                    test_metrics: test_metrics__.unwrap_or_default(),
                    baseline_metrics: baseline_metrics__.unwrap_or_default(),
                    criteria: criteria__.unwrap_or_default(),
                    trials: trials__.unwrap_or_default(),
                    search_seconds: search_seconds__.unwrap_or_default(),
                    check_rows: check_rows__,
                    feature_importance: feature_importance__.unwrap_or_default(),
                    signature_inputs: signature_inputs__.unwrap_or_default(),
                    classes: classes__.unwrap_or_default(),
                    problem_type: problem_type__.unwrap_or_default(),
                    evaluation_rows: evaluation_rows__,
                    search_report: search_report__,
                    drift_reference: drift_reference__,
                    ensemble: ensemble__.unwrap_or_default(),
                    calibration: calibration__.unwrap_or_default(),
                    trained_rows: trained_rows__.unwrap_or_default(),
                    judged_rows: judged_rows__.unwrap_or_default(),
                    refitted: refitted__.unwrap_or_default(),
                    segments: segments__.unwrap_or_default(),
                    explanation: explanation__,
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.TrainedModel", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TrialRecord {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.number != 0 {
            len += 1;
        }
        if !self.algorithm.is_empty() {
            len += 1;
        }
        if !self.parameters.is_empty() {
            len += 1;
        }
        if self.score.is_some() {
            len += 1;
        }
        if self.iterations != 0 {
            len += 1;
        }
        if self.score_std != 0. {
            len += 1;
        }
        if self.fit_seconds != 0. {
            len += 1;
        }
        if self.predict_microseconds != 0. {
            len += 1;
        }
        if self.bytes != 0 {
            len += 1;
        }
        if self.log_loss.is_some() {
            len += 1;
        }
        if !self.fold_scores.is_empty() {
            len += 1;
        }
        if self.pruned {
            len += 1;
        }
        if self.weight != 0. {
            len += 1;
        }
        if !self.profile.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.TrialRecord", len)?;
        if self.number != 0 {
            struct_ser.serialize_field("number", &self.number)?;
        }
        if !self.algorithm.is_empty() {
            struct_ser.serialize_field("algorithm", &self.algorithm)?;
        }
        if !self.parameters.is_empty() {
            struct_ser.serialize_field("parameters", &self.parameters)?;
        }
        if let Some(v) = self.score.as_ref() {
            struct_ser.serialize_field("score", v)?;
        }
        if self.iterations != 0 {
            struct_ser.serialize_field("iterations", &self.iterations)?;
        }
        if self.score_std != 0. {
            struct_ser.serialize_field("scoreStd", &self.score_std)?;
        }
        if self.fit_seconds != 0. {
            struct_ser.serialize_field("fitSeconds", &self.fit_seconds)?;
        }
        if self.predict_microseconds != 0. {
            struct_ser.serialize_field("predictMicroseconds", &self.predict_microseconds)?;
        }
        if self.bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("bytes", ToString::to_string(&self.bytes).as_str())?;
        }
        if let Some(v) = self.log_loss.as_ref() {
            struct_ser.serialize_field("logLoss", v)?;
        }
        if !self.fold_scores.is_empty() {
            struct_ser.serialize_field("foldScores", &self.fold_scores)?;
        }
        if self.pruned {
            struct_ser.serialize_field("pruned", &self.pruned)?;
        }
        if self.weight != 0. {
            struct_ser.serialize_field("weight", &self.weight)?;
        }
        if !self.profile.is_empty() {
            struct_ser.serialize_field("profile", &self.profile)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TrialRecord {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "number",
            "algorithm",
            "parameters",
            "score",
            "iterations",
            "score_std",
            "scoreStd",
            "fit_seconds",
            "fitSeconds",
            "predict_microseconds",
            "predictMicroseconds",
            "bytes",
            "log_loss",
            "logLoss",
            "fold_scores",
            "foldScores",
            "pruned",
            "weight",
            "profile",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Number,
            Algorithm,
            Parameters,
            Score,
            Iterations,
            ScoreStd,
            FitSeconds,
            PredictMicroseconds,
            Bytes,
            LogLoss,
            FoldScores,
            Pruned,
            Weight,
            Profile,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "number" => Ok(GeneratedField::Number),
                            "algorithm" => Ok(GeneratedField::Algorithm),
                            "parameters" => Ok(GeneratedField::Parameters),
                            "score" => Ok(GeneratedField::Score),
                            "iterations" => Ok(GeneratedField::Iterations),
                            "scoreStd" | "score_std" => Ok(GeneratedField::ScoreStd),
                            "fitSeconds" | "fit_seconds" => Ok(GeneratedField::FitSeconds),
                            "predictMicroseconds" | "predict_microseconds" => Ok(GeneratedField::PredictMicroseconds),
                            "bytes" => Ok(GeneratedField::Bytes),
                            "logLoss" | "log_loss" => Ok(GeneratedField::LogLoss),
                            "foldScores" | "fold_scores" => Ok(GeneratedField::FoldScores),
                            "pruned" => Ok(GeneratedField::Pruned),
                            "weight" => Ok(GeneratedField::Weight),
                            "profile" => Ok(GeneratedField::Profile),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TrialRecord;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.TrialRecord")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TrialRecord, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut number__ = None;
                let mut algorithm__ = None;
                let mut parameters__ = None;
                let mut score__ = None;
                let mut iterations__ = None;
                let mut score_std__ = None;
                let mut fit_seconds__ = None;
                let mut predict_microseconds__ = None;
                let mut bytes__ = None;
                let mut log_loss__ = None;
                let mut fold_scores__ = None;
                let mut pruned__ = None;
                let mut weight__ = None;
                let mut profile__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Number => {
                            if number__.is_some() {
                                return Err(serde::de::Error::duplicate_field("number"));
                            }
                            number__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Algorithm => {
                            if algorithm__.is_some() {
                                return Err(serde::de::Error::duplicate_field("algorithm"));
                            }
                            algorithm__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Parameters => {
                            if parameters__.is_some() {
                                return Err(serde::de::Error::duplicate_field("parameters"));
                            }
                            parameters__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::Score => {
                            if score__.is_some() {
                                return Err(serde::de::Error::duplicate_field("score"));
                            }
                            score__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Iterations => {
                            if iterations__.is_some() {
                                return Err(serde::de::Error::duplicate_field("iterations"));
                            }
                            iterations__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ScoreStd => {
                            if score_std__.is_some() {
                                return Err(serde::de::Error::duplicate_field("scoreStd"));
                            }
                            score_std__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::FitSeconds => {
                            if fit_seconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fitSeconds"));
                            }
                            fit_seconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::PredictMicroseconds => {
                            if predict_microseconds__.is_some() {
                                return Err(serde::de::Error::duplicate_field("predictMicroseconds"));
                            }
                            predict_microseconds__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Bytes => {
                            if bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("bytes"));
                            }
                            bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::LogLoss => {
                            if log_loss__.is_some() {
                                return Err(serde::de::Error::duplicate_field("logLoss"));
                            }
                            log_loss__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::FoldScores => {
                            if fold_scores__.is_some() {
                                return Err(serde::de::Error::duplicate_field("foldScores"));
                            }
                            fold_scores__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                        GeneratedField::Pruned => {
                            if pruned__.is_some() {
                                return Err(serde::de::Error::duplicate_field("pruned"));
                            }
                            pruned__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Weight => {
                            if weight__.is_some() {
                                return Err(serde::de::Error::duplicate_field("weight"));
                            }
                            weight__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Profile => {
                            if profile__.is_some() {
                                return Err(serde::de::Error::duplicate_field("profile"));
                            }
                            profile__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(TrialRecord {
                    number: number__.unwrap_or_default(),
                    algorithm: algorithm__.unwrap_or_default(),
                    parameters: parameters__.unwrap_or_default(),
                    score: score__,
                    iterations: iterations__.unwrap_or_default(),
                    score_std: score_std__.unwrap_or_default(),
                    fit_seconds: fit_seconds__.unwrap_or_default(),
                    predict_microseconds: predict_microseconds__.unwrap_or_default(),
                    bytes: bytes__.unwrap_or_default(),
                    log_loss: log_loss__,
                    fold_scores: fold_scores__.unwrap_or_default(),
                    pruned: pruned__.unwrap_or_default(),
                    weight: weight__.unwrap_or_default(),
                    profile: profile__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.TrialRecord", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ValueRules {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.missing != 0 {
            len += 1;
        }
        if !self.constant.is_empty() {
            len += 1;
        }
        if self.missing_indicator {
            len += 1;
        }
        if self.outliers != 0 {
            len += 1;
        }
        if self.treatment != 0 {
            len += 1;
        }
        if self.limit != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.ValueRules", len)?;
        if self.missing != 0 {
            let v = MissingRule::try_from(self.missing)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.missing)))?;
            struct_ser.serialize_field("missing", &v)?;
        }
        if !self.constant.is_empty() {
            struct_ser.serialize_field("constant", &self.constant)?;
        }
        if self.missing_indicator {
            struct_ser.serialize_field("missingIndicator", &self.missing_indicator)?;
        }
        if self.outliers != 0 {
            let v = OutlierRule::try_from(self.outliers)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.outliers)))?;
            struct_ser.serialize_field("outliers", &v)?;
        }
        if self.treatment != 0 {
            let v = OutlierTreatment::try_from(self.treatment)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.treatment)))?;
            struct_ser.serialize_field("treatment", &v)?;
        }
        if self.limit != 0. {
            struct_ser.serialize_field("limit", &self.limit)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ValueRules {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "missing",
            "constant",
            "missing_indicator",
            "missingIndicator",
            "outliers",
            "treatment",
            "limit",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Missing,
            Constant,
            MissingIndicator,
            Outliers,
            Treatment,
            Limit,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "missing" => Ok(GeneratedField::Missing),
                            "constant" => Ok(GeneratedField::Constant),
                            "missingIndicator" | "missing_indicator" => Ok(GeneratedField::MissingIndicator),
                            "outliers" => Ok(GeneratedField::Outliers),
                            "treatment" => Ok(GeneratedField::Treatment),
                            "limit" => Ok(GeneratedField::Limit),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ValueRules;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.ValueRules")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ValueRules, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut missing__ = None;
                let mut constant__ = None;
                let mut missing_indicator__ = None;
                let mut outliers__ = None;
                let mut treatment__ = None;
                let mut limit__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Missing => {
                            if missing__.is_some() {
                                return Err(serde::de::Error::duplicate_field("missing"));
                            }
                            missing__ = Some(map_.next_value::<MissingRule>()? as i32);
                        }
                        GeneratedField::Constant => {
                            if constant__.is_some() {
                                return Err(serde::de::Error::duplicate_field("constant"));
                            }
                            constant__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MissingIndicator => {
                            if missing_indicator__.is_some() {
                                return Err(serde::de::Error::duplicate_field("missingIndicator"));
                            }
                            missing_indicator__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Outliers => {
                            if outliers__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outliers"));
                            }
                            outliers__ = Some(map_.next_value::<OutlierRule>()? as i32);
                        }
                        GeneratedField::Treatment => {
                            if treatment__.is_some() {
                                return Err(serde::de::Error::duplicate_field("treatment"));
                            }
                            treatment__ = Some(map_.next_value::<OutlierTreatment>()? as i32);
                        }
                        GeneratedField::Limit => {
                            if limit__.is_some() {
                                return Err(serde::de::Error::duplicate_field("limit"));
                            }
                            limit__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ValueRules {
                    missing: missing__.unwrap_or_default(),
                    constant: constant__.unwrap_or_default(),
                    missing_indicator: missing_indicator__.unwrap_or_default(),
                    outliers: outliers__.unwrap_or_default(),
                    treatment: treatment__.unwrap_or_default(),
                    limit: limit__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.ValueRules", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Verdict {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.at.is_some() {
            len += 1;
        }
        if self.step != 0 {
            len += 1;
        }
        if self.result != 0 {
            len += 1;
        }
        if !self.reason.is_empty() {
            len += 1;
        }
        if !self.evidence.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Verdict", len)?;
        if let Some(v) = self.at.as_ref() {
            struct_ser.serialize_field("at", v)?;
        }
        if self.step != 0 {
            struct_ser.serialize_field("step", &self.step)?;
        }
        if self.result != 0 {
            let v = AnalysisResult::try_from(self.result)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.result)))?;
            struct_ser.serialize_field("result", &v)?;
        }
        if !self.reason.is_empty() {
            struct_ser.serialize_field("reason", &self.reason)?;
        }
        if !self.evidence.is_empty() {
            struct_ser.serialize_field("evidence", &self.evidence)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Verdict {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "at",
            "step",
            "result",
            "reason",
            "evidence",
            "version",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            At,
            Step,
            Result,
            Reason,
            Evidence,
            Version,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "at" => Ok(GeneratedField::At),
                            "step" => Ok(GeneratedField::Step),
                            "result" => Ok(GeneratedField::Result),
                            "reason" => Ok(GeneratedField::Reason),
                            "evidence" => Ok(GeneratedField::Evidence),
                            "version" => Ok(GeneratedField::Version),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Verdict;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Verdict")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Verdict, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut at__ = None;
                let mut step__ = None;
                let mut result__ = None;
                let mut reason__ = None;
                let mut evidence__ = None;
                let mut version__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::At => {
                            if at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("at"));
                            }
                            at__ = map_.next_value()?;
                        }
                        GeneratedField::Step => {
                            if step__.is_some() {
                                return Err(serde::de::Error::duplicate_field("step"));
                            }
                            step__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Result => {
                            if result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("result"));
                            }
                            result__ = Some(map_.next_value::<AnalysisResult>()? as i32);
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Evidence => {
                            if evidence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("evidence"));
                            }
                            evidence__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Verdict {
                    at: at__,
                    step: step__.unwrap_or_default(),
                    result: result__.unwrap_or_default(),
                    reason: reason__.unwrap_or_default(),
                    evidence: evidence__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Verdict", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for VersionClaim {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.model.is_empty() {
            len += 1;
        }
        if !self.run_id.is_empty() {
            len += 1;
        }
        if self.first_version != 0 {
            len += 1;
        }
        if !self.earlier_versions.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.VersionClaim", len)?;
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if !self.run_id.is_empty() {
            struct_ser.serialize_field("runId", &self.run_id)?;
        }
        if self.first_version != 0 {
            struct_ser.serialize_field("firstVersion", &self.first_version)?;
        }
        if !self.earlier_versions.is_empty() {
            struct_ser.serialize_field("earlierVersions", &self.earlier_versions)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for VersionClaim {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "model",
            "run_id",
            "runId",
            "first_version",
            "firstVersion",
            "earlier_versions",
            "earlierVersions",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Model,
            RunId,
            FirstVersion,
            EarlierVersions,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "model" => Ok(GeneratedField::Model),
                            "runId" | "run_id" => Ok(GeneratedField::RunId),
                            "firstVersion" | "first_version" => Ok(GeneratedField::FirstVersion),
                            "earlierVersions" | "earlier_versions" => Ok(GeneratedField::EarlierVersions),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = VersionClaim;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.VersionClaim")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<VersionClaim, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut model__ = None;
                let mut run_id__ = None;
                let mut first_version__ = None;
                let mut earlier_versions__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RunId => {
                            if run_id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("runId"));
                            }
                            run_id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::FirstVersion => {
                            if first_version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("firstVersion"));
                            }
                            first_version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::EarlierVersions => {
                            if earlier_versions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("earlierVersions"));
                            }
                            earlier_versions__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                    }
                }
                Ok(VersionClaim {
                    model: model__.unwrap_or_default(),
                    run_id: run_id__.unwrap_or_default(),
                    first_version: first_version__.unwrap_or_default(),
                    earlier_versions: earlier_versions__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.VersionClaim", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for VersionTraffic {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.version != 0 {
            len += 1;
        }
        if self.requests != 0 {
            len += 1;
        }
        if self.errors != 0 {
            len += 1;
        }
        if self.fallbacks != 0 {
            len += 1;
        }
        if !self.latency_counts.is_empty() {
            len += 1;
        }
        if !self.prediction_counts.is_empty() {
            len += 1;
        }
        if self.labelled != 0 {
            len += 1;
        }
        if self.correct != 0 {
            len += 1;
        }
        if self.loss_sum != 0. {
            len += 1;
        }
        if self.loss_square_sum != 0. {
            len += 1;
        }
        if self.compared != 0 {
            len += 1;
        }
        if self.disagreed != 0 {
            len += 1;
        }
        if self.difference_sum != 0. {
            len += 1;
        }
        if self.difference_max != 0. {
            len += 1;
        }
        if self.breaker != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.VersionTraffic", len)?;
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if self.requests != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("requests", ToString::to_string(&self.requests).as_str())?;
        }
        if self.errors != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("errors", ToString::to_string(&self.errors).as_str())?;
        }
        if self.fallbacks != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("fallbacks", ToString::to_string(&self.fallbacks).as_str())?;
        }
        if !self.latency_counts.is_empty() {
            struct_ser.serialize_field("latencyCounts", &self.latency_counts.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        }
        if !self.prediction_counts.is_empty() {
            let v: std::collections::HashMap<_, _> = self.prediction_counts.iter()
                .map(|(k, v)| (k, v.to_string())).collect();
            struct_ser.serialize_field("predictionCounts", &v)?;
        }
        if self.labelled != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("labelled", ToString::to_string(&self.labelled).as_str())?;
        }
        if self.correct != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("correct", ToString::to_string(&self.correct).as_str())?;
        }
        if self.loss_sum != 0. {
            struct_ser.serialize_field("lossSum", &self.loss_sum)?;
        }
        if self.loss_square_sum != 0. {
            struct_ser.serialize_field("lossSquareSum", &self.loss_square_sum)?;
        }
        if self.compared != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("compared", ToString::to_string(&self.compared).as_str())?;
        }
        if self.disagreed != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("disagreed", ToString::to_string(&self.disagreed).as_str())?;
        }
        if self.difference_sum != 0. {
            struct_ser.serialize_field("differenceSum", &self.difference_sum)?;
        }
        if self.difference_max != 0. {
            struct_ser.serialize_field("differenceMax", &self.difference_max)?;
        }
        if self.breaker != 0 {
            let v = BreakerState::try_from(self.breaker)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.breaker)))?;
            struct_ser.serialize_field("breaker", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for VersionTraffic {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "version",
            "requests",
            "errors",
            "fallbacks",
            "latency_counts",
            "latencyCounts",
            "prediction_counts",
            "predictionCounts",
            "labelled",
            "correct",
            "loss_sum",
            "lossSum",
            "loss_square_sum",
            "lossSquareSum",
            "compared",
            "disagreed",
            "difference_sum",
            "differenceSum",
            "difference_max",
            "differenceMax",
            "breaker",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Version,
            Requests,
            Errors,
            Fallbacks,
            LatencyCounts,
            PredictionCounts,
            Labelled,
            Correct,
            LossSum,
            LossSquareSum,
            Compared,
            Disagreed,
            DifferenceSum,
            DifferenceMax,
            Breaker,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "version" => Ok(GeneratedField::Version),
                            "requests" => Ok(GeneratedField::Requests),
                            "errors" => Ok(GeneratedField::Errors),
                            "fallbacks" => Ok(GeneratedField::Fallbacks),
                            "latencyCounts" | "latency_counts" => Ok(GeneratedField::LatencyCounts),
                            "predictionCounts" | "prediction_counts" => Ok(GeneratedField::PredictionCounts),
                            "labelled" => Ok(GeneratedField::Labelled),
                            "correct" => Ok(GeneratedField::Correct),
                            "lossSum" | "loss_sum" => Ok(GeneratedField::LossSum),
                            "lossSquareSum" | "loss_square_sum" => Ok(GeneratedField::LossSquareSum),
                            "compared" => Ok(GeneratedField::Compared),
                            "disagreed" => Ok(GeneratedField::Disagreed),
                            "differenceSum" | "difference_sum" => Ok(GeneratedField::DifferenceSum),
                            "differenceMax" | "difference_max" => Ok(GeneratedField::DifferenceMax),
                            "breaker" => Ok(GeneratedField::Breaker),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = VersionTraffic;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.VersionTraffic")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<VersionTraffic, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut version__ = None;
                let mut requests__ = None;
                let mut errors__ = None;
                let mut fallbacks__ = None;
                let mut latency_counts__ = None;
                let mut prediction_counts__ = None;
                let mut labelled__ = None;
                let mut correct__ = None;
                let mut loss_sum__ = None;
                let mut loss_square_sum__ = None;
                let mut compared__ = None;
                let mut disagreed__ = None;
                let mut difference_sum__ = None;
                let mut difference_max__ = None;
                let mut breaker__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Requests => {
                            if requests__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requests"));
                            }
                            requests__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Errors => {
                            if errors__.is_some() {
                                return Err(serde::de::Error::duplicate_field("errors"));
                            }
                            errors__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Fallbacks => {
                            if fallbacks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fallbacks"));
                            }
                            fallbacks__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::LatencyCounts => {
                            if latency_counts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("latencyCounts"));
                            }
                            latency_counts__ = 
                                Some(map_.next_value::<Vec<::pbjson::private::NumberDeserialize<_>>>()?
                                    .into_iter().map(|x| x.0).collect())
                            ;
                        }
                        GeneratedField::PredictionCounts => {
                            if prediction_counts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("predictionCounts"));
                            }
                            prediction_counts__ = Some(
                                map_.next_value::<std::collections::BTreeMap<::pbjson::private::NumberDeserialize<u32>, ::pbjson::private::NumberDeserialize<u64>>>()?
                                    .into_iter().map(|(k,v)| (k.0, v.0)).collect()
                            );
                        }
                        GeneratedField::Labelled => {
                            if labelled__.is_some() {
                                return Err(serde::de::Error::duplicate_field("labelled"));
                            }
                            labelled__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Correct => {
                            if correct__.is_some() {
                                return Err(serde::de::Error::duplicate_field("correct"));
                            }
                            correct__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::LossSum => {
                            if loss_sum__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lossSum"));
                            }
                            loss_sum__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::LossSquareSum => {
                            if loss_square_sum__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lossSquareSum"));
                            }
                            loss_square_sum__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Compared => {
                            if compared__.is_some() {
                                return Err(serde::de::Error::duplicate_field("compared"));
                            }
                            compared__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Disagreed => {
                            if disagreed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("disagreed"));
                            }
                            disagreed__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::DifferenceSum => {
                            if difference_sum__.is_some() {
                                return Err(serde::de::Error::duplicate_field("differenceSum"));
                            }
                            difference_sum__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::DifferenceMax => {
                            if difference_max__.is_some() {
                                return Err(serde::de::Error::duplicate_field("differenceMax"));
                            }
                            difference_max__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Breaker => {
                            if breaker__.is_some() {
                                return Err(serde::de::Error::duplicate_field("breaker"));
                            }
                            breaker__ = Some(map_.next_value::<BreakerState>()? as i32);
                        }
                    }
                }
                Ok(VersionTraffic {
                    version: version__.unwrap_or_default(),
                    requests: requests__.unwrap_or_default(),
                    errors: errors__.unwrap_or_default(),
                    fallbacks: fallbacks__.unwrap_or_default(),
                    latency_counts: latency_counts__.unwrap_or_default(),
                    prediction_counts: prediction_counts__.unwrap_or_default(),
                    labelled: labelled__.unwrap_or_default(),
                    correct: correct__.unwrap_or_default(),
                    loss_sum: loss_sum__.unwrap_or_default(),
                    loss_square_sum: loss_square_sum__.unwrap_or_default(),
                    compared: compared__.unwrap_or_default(),
                    disagreed: disagreed__.unwrap_or_default(),
                    difference_sum: difference_sum__.unwrap_or_default(),
                    difference_max: difference_max__.unwrap_or_default(),
                    breaker: breaker__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.VersionTraffic", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for WarmStart {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.algorithm.is_empty() {
            len += 1;
        }
        if !self.parameters.is_empty() {
            len += 1;
        }
        if !self.model.is_empty() {
            len += 1;
        }
        if self.version != 0 {
            len += 1;
        }
        if self.similarity != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.WarmStart", len)?;
        if !self.algorithm.is_empty() {
            struct_ser.serialize_field("algorithm", &self.algorithm)?;
        }
        if !self.parameters.is_empty() {
            struct_ser.serialize_field("parameters", &self.parameters)?;
        }
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.version != 0 {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if self.similarity != 0. {
            struct_ser.serialize_field("similarity", &self.similarity)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for WarmStart {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "algorithm",
            "parameters",
            "model",
            "version",
            "similarity",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Algorithm,
            Parameters,
            Model,
            Version,
            Similarity,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "algorithm" => Ok(GeneratedField::Algorithm),
                            "parameters" => Ok(GeneratedField::Parameters),
                            "model" => Ok(GeneratedField::Model),
                            "version" => Ok(GeneratedField::Version),
                            "similarity" => Ok(GeneratedField::Similarity),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = WarmStart;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.WarmStart")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<WarmStart, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut algorithm__ = None;
                let mut parameters__ = None;
                let mut model__ = None;
                let mut version__ = None;
                let mut similarity__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Algorithm => {
                            if algorithm__.is_some() {
                                return Err(serde::de::Error::duplicate_field("algorithm"));
                            }
                            algorithm__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Parameters => {
                            if parameters__.is_some() {
                                return Err(serde::de::Error::duplicate_field("parameters"));
                            }
                            parameters__ = Some(
                                map_.next_value::<std::collections::BTreeMap<_, ::pbjson::private::NumberDeserialize<f64>>>()?
                                    .into_iter().map(|(k,v)| (k, v.0)).collect()
                            );
                        }
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Similarity => {
                            if similarity__.is_some() {
                                return Err(serde::de::Error::duplicate_field("similarity"));
                            }
                            similarity__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(WarmStart {
                    algorithm: algorithm__.unwrap_or_default(),
                    parameters: parameters__.unwrap_or_default(),
                    model: model__.unwrap_or_default(),
                    version: version__.unwrap_or_default(),
                    similarity: similarity__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.WarmStart", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Warning {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.code.is_empty() {
            len += 1;
        }
        if !self.message.is_empty() {
            len += 1;
        }
        if !self.agent.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("tier0.v1.Warning", len)?;
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        if !self.message.is_empty() {
            struct_ser.serialize_field("message", &self.message)?;
        }
        if !self.agent.is_empty() {
            struct_ser.serialize_field("agent", &self.agent)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Warning {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "code",
            "message",
            "agent",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Code,
            Message,
            Agent,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "code" => Ok(GeneratedField::Code),
                            "message" => Ok(GeneratedField::Message),
                            "agent" => Ok(GeneratedField::Agent),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Warning;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct tier0.v1.Warning")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Warning, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut code__ = None;
                let mut message__ = None;
                let mut agent__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Agent => {
                            if agent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("agent"));
                            }
                            agent__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Warning {
                    code: code__.unwrap_or_default(),
                    message: message__.unwrap_or_default(),
                    agent: agent__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("tier0.v1.Warning", FIELDS, GeneratedVisitor)
    }
}
