//! AWS's words as types: each is parsed once, and the message of a failed parse lives with its type.
//!
//! A set of words that AWS may extend keeps an unknown word instead of refusing it, so that a state
//! AWS invents tomorrow does not break today's reads.

use std::collections::BTreeMap;
use std::fmt;

use crate::framework::attribute::DomainText;

/// Tags of an AWS resource, in a stable order.
pub type Tags = BTreeMap<String, String>;

/// The tags of keys and values. Entered one by one: to collect them would compile a sort for every caller.
pub fn tags(pairs: impl IntoIterator<Item = (String, String)>) -> Tags {
    let mut tags = Tags::new();
    tags.extend(pairs);
    tags
}

/// Defines text with a rule: the rule says what is wrong, the type keeps what passed.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl DomainText for $name {
            fn parse(text: &str) -> Result<Self, String> {
                let check: fn(&str) -> Result<(), String> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// Defines a set of words that AWS may extend.
macro_rules! open_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that AWS has added since.
            Other(String),
        }

        impl $name {
            /// The word as AWS writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl DomainText for $name {
            const VALUES: &'static [&'static str] = &[$($word),+];

            fn parse(text: &str) -> Result<Self, String> {
                Ok(Self::from(text))
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

checked_text!(
    /// ID of an AWS account: 12 digits.
    ///
    /// Source: `AccountId` in the AWS Organizations API reference.
    AccountId,
    |text| {
        if is_account_id(text) {
            return Ok(());
        }
        let hint = match normalized_account_id(text) {
            Some(digits) => format!(
                " Write \"{digits}\", or wrap the value in \
                 provider::awsbilling::account_id_normalize()."
            ),
            None => String::new(),
        };
        Err(format!("An AWS account ID is 12 digits, got \"{text}\".{hint}"))
    }
);

checked_text!(
    /// ID of an organization: `o-` and 10 to 32 lower-case letters or digits.
    ///
    /// Source: `OrganizationId` in the AWS Organizations API reference.
    OrganizationId,
    |text| is_prefixed_id(text, "o-", 10).then_some(()).ok_or_else(|| format!(
        "An organization ID is \"o-\" and 10 to 32 lower-case letters or digits, got \"{text}\"."
    ))
);

checked_text!(
    /// ID of a handshake: `h-` and 8 to 32 lower-case letters or digits.
    ///
    /// Source: `HandshakeId` in the AWS Organizations API reference.
    HandshakeId,
    |text| is_prefixed_id(text, "h-", 8).then_some(()).ok_or_else(|| format!(
        "A handshake ID is \"h-\" and 8 to 32 lower-case letters or digits, got \"{text}\"."
    ))
);

checked_text!(
    /// E-mail address of an account: 6 to 64 characters.
    ///
    /// Source: `Email` in the AWS Organizations API reference.
    Email,
    |text| is_email(text).then_some(()).ok_or_else(|| format!(
        "An account's e-mail address is 6 to 64 characters like \"name@example.com\", got \"{text}\"."
    ))
);

checked_text!(
    /// Name of an account: 1 to 128 characters.
    ///
    /// Source: `AccountName` in the AWS Organizations API reference.
    AccountName,
    |text| match text.chars().count() {
        1..=128 => Ok(()),
        length => Err(format!("An account's name is 1 to 128 characters, got {length}.")),
    }
);

checked_text!(
    /// ID of a root or an organizational unit: `r-` and 4 to 32 lower-case letters or digits, or `ou-`, those
    /// of its root, `-`, and 8 to 32 more.
    ///
    /// Source: `ParentId` in the AWS Organizations API reference.
    ParentId,
    |text| is_parent_id(text).then_some(()).ok_or_else(|| format!(
        "A parent is the ID of a root, like \"r-ab12\", or of an organizational unit, like \
         \"ou-ab12-11111111\", got \"{text}\"."
    ))
);

checked_text!(
    /// One-time password that AWS sends to a new e-mail address: 6 letters or digits.
    ///
    /// Source: `Otp` in the AWS Account Management API reference.
    OneTimePassword,
    |text| {
        let fits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then_some(())
            .ok_or_else(|| "A one-time password is 6 letters or digits.".to_owned())
    }
);

checked_text!(
    /// Name of the role by which a management account reaches an account that it creates: 1 to 64 letters,
    /// digits or `_+=,.@-`.
    ///
    /// Source: `RoleName` of `CreateAccount` in the AWS Organizations API reference.
    AccessRoleName,
    |text| if !is_token(text, 1..=64, "_+=,.@-") {
        Err(format!(
            "A role's name is 1 to 64 letters, digits or characters of \"_+=,.@-\", got \"{text}\"."
        ))
    } else if text.starts_with("AWSServiceRoleFor") {
        Err(format!("AWS keeps role names like \"{text}\" for itself."))
    } else {
        Ok(())
    }
);

checked_text!(
    /// ID of a billing transfer: `rt-` and 8 to 32 lower-case letters or digits.
    ///
    /// Source: `ResponsibilityTransferId` in the AWS Organizations API reference.
    TransferId,
    |text| is_prefixed_id(text, "rt-", 8).then_some(()).ok_or_else(|| format!(
        "A transfer ID is \"rt-\" and 8 to 32 lower-case letters or digits, got \"{text}\"."
    ))
);

checked_text!(
    /// Name of a billing transfer: 1 to 128 printable ASCII characters.
    ///
    /// Source: `ResponsibilityTransferName` in the AWS Organizations API reference.
    TransferName,
    |text| {
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        ((1..=128).contains(&text.len()) && printable).then_some(()).ok_or_else(|| format!(
            "A transfer's name is 1 to 128 letters, digits and signs of ASCII, got \"{text}\"."
        ))
    }
);

checked_text!(
    /// Text added to an invitation: up to 1,024 characters.
    ///
    /// Source: `HandshakeNotes` in the AWS Organizations API reference.
    Notes,
    |text| match text.chars().count() {
        0..=1024 => Ok(()),
        length => Err(format!("Notes are at most 1,024 characters, got {length}.")),
    }
);

checked_text!(
    /// Name of a role session: 2 to 64 letters, digits or `_+=,.@-`.
    ///
    /// Source: `RoleSessionName` of `AssumeRole` in the AWS STS API reference.
    SessionName,
    |text| is_token(text, 2..=64, "_+=,.@-").then_some(()).ok_or_else(|| format!(
        "A session name is 2 to 64 letters, digits or characters of \"_+=,.@-\", got \"{text}\"."
    ))
);

checked_text!(
    /// ARN of a billing view, such as `arn:aws:billing::111122223333:billingview/primary`.
    ///
    /// Source: `BillingViewArn` of `GetCostAndUsage` in the AWS Cost Explorer API reference.
    BillingViewArn,
    |text| is_billing_view(text).then_some(()).ok_or_else(|| format!(
        "The ARN of a billing view is like \"arn:aws:billing::111122223333:billingview/primary\", got \
         \"{text}\"."
    ))
);

checked_text!(
    /// Name of an AWS Region, such as `eu-central-1`.
    ///
    /// Source: AWS General Reference, Regions and Endpoints.
    Region,
    |text| is_region(text).then_some(()).ok_or_else(|| format!(
        "An AWS Region is a name like \"us-east-1\", got \"{text}\"."
    ))
);

open_words!(
    /// State of a handshake.
    ///
    /// AWS's model says that an invitation waiting for its answer is `REQUESTED`, and its examples show
    /// it as `OPEN`: [`is_pending`](Self::is_pending) takes both. Source: `Handshake` in the AWS
    /// Organizations API reference.
    HandshakeState {
        /// Waiting for an answer.
        Requested = "REQUESTED",
        /// Waiting for an answer, or for the last of several.
        Open = "OPEN",
        /// Taken back by its sender.
        Canceled = "CANCELED",
        /// Accepted by its recipient.
        Accepted = "ACCEPTED",
        /// Refused by its recipient.
        Declined = "DECLINED",
        /// Not answered within 15 days.
        Expired = "EXPIRED",
    }
);

impl HandshakeState {
    /// Whether it can still be answered.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Requested | Self::Open)
    }
}

open_words!(
    /// Where an account is in its life.
    ///
    /// This is `State`, which replaced `Status` in September 2025. Source: `Account` in the AWS
    /// Organizations API reference.
    AccountState {
        /// Created, and not yet usable.
        PendingActivation = "PENDING_ACTIVATION",
        /// In use.
        Active = "ACTIVE",
        /// Suspended by AWS, or closed within the last 90 days.
        Suspended = "SUSPENDED",
        /// About to be closed.
        PendingClosure = "PENDING_CLOSURE",
        /// Closed for good.
        Closed = "CLOSED",
    }
);

open_words!(
    /// How an account came into its organization.
    ///
    /// Source: `Account` in the AWS Organizations API reference.
    JoinedMethod {
        /// Accepted an invitation.
        Invited = "INVITED",
        /// Was created by the organization.
        Created = "CREATED",
    }
);

open_words!(
    /// Where a billing transfer is in its life.
    ///
    /// Source: `ResponsibilityTransfer` in the AWS Organizations API reference.
    TransferStatus {
        /// Waiting for an answer.
        Requested = "REQUESTED",
        /// Refused by the one whose bill it is.
        Declined = "DECLINED",
        /// Taken back by the one that was to pay.
        Canceled = "CANCELED",
        /// Not answered in time.
        Expired = "EXPIRED",
        /// Agreed.
        Accepted = "ACCEPTED",
        /// Ended, or about to end.
        Withdrawn = "WITHDRAWN",
    }
);

impl TransferStatus {
    /// Whether it can still be answered.
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Requested)
    }
}

open_words!(
    /// What an organization is used for.
    ///
    /// Source: `Organization` in the AWS Organizations API reference.
    FeatureSet {
        /// Consolidated billing and policies.
        All = "ALL",
        /// Consolidated billing alone.
        ConsolidatedBilling = "CONSOLIDATED_BILLING",
    }
);

checked_text!(
    /// Name of a cost and usage report: 1 to 256 letters, digits or characters of `!-_.*'()`.
    ///
    /// Source: `ReportName` in the AWS Cost and Usage Report API reference.
    ReportName,
    |text| is_token(text, 1..=256, REPORT_PUNCTUATION).then_some(()).ok_or_else(|| format!(
        "A report name is 1 to 256 letters, digits or characters of \"{REPORT_PUNCTUATION}\", got \"{text}\"."
    ))
);

checked_text!(
    /// Prefix of a report's objects in its bucket: up to 256 letters, digits or characters of
    /// `!-_.*'()/`; may be empty.
    ///
    /// Source: `S3Prefix` in the AWS Cost and Usage Report API reference. New reports must keep to more
    /// rules, see [`fault`](Self::fault).
    S3Prefix,
    |text| is_token(text, 0..=256, &format!("{REPORT_PUNCTUATION}/")).then_some(()).ok_or_else(|| format!(
        "An S3 prefix is up to 256 letters, digits or characters of \"{REPORT_PUNCTUATION}/\", got \"{text}\"."
    ))
);

impl S3Prefix {
    /// What keeps a new report from having this prefix.
    ///
    /// The service refuses a prefix that ends with a slash or a dot, or that is a single character; its
    /// API reference does not say so. A slash at the beginning, or a doubled one, makes keys that
    /// analyzers do not find.
    pub fn fault(&self) -> Option<&'static str> {
        let text = self.0.as_str();
        if text.starts_with('/') || text.ends_with('/') || text.contains("//") {
            Some(
                "An S3 prefix neither begins nor ends with a slash, and has no two slashes in a row",
            )
        } else if text.ends_with('.') {
            Some("An S3 prefix does not end with a dot")
        } else if text.len() == 1 {
            Some("An S3 prefix has at least two characters, or none")
        } else {
            None
        }
    }
}

checked_text!(
    /// Name of an S3 bucket: 3 to 255 letters, digits or characters of `._-`.
    ///
    /// Source: `S3Bucket` in the AWS Cost and Usage Report API reference. New buckets must keep to more
    /// rules, see [`fault`](Self::fault).
    BucketName,
    |text| is_token(text, 3..=255, "._-").then_some(()).ok_or_else(|| format!(
        "An S3 bucket's name is 3 to 63 lower-case letters, digits, dots and hyphens, got \"{text}\"."
    ))
);

impl BucketName {
    /// What keeps a new bucket from having this name.
    ///
    /// Source: Amazon S3 user guide, "General purpose bucket naming rules".
    pub fn fault(&self) -> Option<&'static str> {
        let text = self.0.as_str();
        let is_end =
            |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let mut bytes = text.bytes();
        if !bytes
            .clone()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
        {
            Some("An S3 bucket's name has lower-case letters, digits, dots and hyphens only")
        } else if text.len() > 63 {
            Some("An S3 bucket's name has at most 63 characters")
        } else if !is_end(bytes.next()) || !is_end(bytes.next_back()) || text.contains("..") {
            Some(
                "An S3 bucket's name begins and ends with a letter or a digit, and has no two dots in a row",
            )
        } else {
            None
        }
    }
}

/// What the names and prefixes of reports may hold besides letters and digits.
const REPORT_PUNCTUATION: &str = "!-_.*'()";

open_words!(
    /// How much time a line of a report stands for.
    ///
    /// Source: `TimeUnit` in the AWS Cost and Usage Report API reference.
    TimeUnit {
        /// One hour.
        Hourly = "HOURLY",
        /// One day.
        Daily = "DAILY",
        /// One month.
        Monthly = "MONTHLY",
    }
);

open_words!(
    /// Format of a report's files.
    ///
    /// Source: `ReportFormat` in the AWS Cost and Usage Report API reference.
    ReportFormat {
        /// Comma-separated values.
        Csv = "textORcsv",
        /// Apache Parquet.
        Parquet = "Parquet",
    }
);

open_words!(
    /// Compression of a report's files.
    ///
    /// Source: `CompressionFormat` in the AWS Cost and Usage Report API reference.
    Compression {
        /// ZIP archives.
        Zip = "ZIP",
        /// GNU zip.
        Gzip = "GZIP",
        /// Parquet's own.
        Parquet = "Parquet",
    }
);

open_words!(
    /// What a report has besides its standard columns.
    ///
    /// Source: `SchemaElement` in the AWS Cost and Usage Report API reference.
    SchemaElement {
        /// IDs of resources.
        Resources = "RESOURCES",
        /// Costs of shared ECS and EKS capacity, split by task or pod.
        SplitCostAllocationData = "SPLIT_COST_ALLOCATION_DATA",
        /// Discounts as separate columns.
        ManualDiscountCompatibility = "MANUAL_DISCOUNT_COMPATIBILITY",
    }
);

open_words!(
    /// Service that a report is also prepared for.
    ///
    /// Source: `AdditionalArtifact` in the AWS Cost and Usage Report API reference.
    Artifact {
        /// Amazon Redshift.
        Redshift = "REDSHIFT",
        /// Amazon Quick Sight.
        Quicksight = "QUICKSIGHT",
        /// Amazon Athena.
        Athena = "ATHENA",
    }
);

open_words!(
    /// Whether a new delivery leaves the earlier ones of the month.
    ///
    /// Source: `ReportVersioning` in the AWS Cost and Usage Report API reference.
    ReportVersioning {
        /// Every delivery has a folder of its own.
        CreateNewReport = "CREATE_NEW_REPORT",
        /// Every delivery takes the place of the one before.
        OverwriteReport = "OVERWRITE_REPORT",
    }
);

open_words!(
    /// Outcome of a report's last delivery.
    ///
    /// Source: `LastStatus` in the AWS Cost and Usage Report API reference.
    DeliveryStatus {
        /// The files are in the bucket.
        Success = "SUCCESS",
        /// The bucket policy does not let AWS write.
        ErrorPermissions = "ERROR_PERMISSIONS",
        /// The bucket is gone.
        ErrorNoBucket = "ERROR_NO_BUCKET",
    }
);

/// Regions whose buckets can take reports.
///
/// Source: `AWSRegion` in the AWS Cost and Usage Report API reference, November 2026. AWS adds to it, so a
/// Region that is missing here is a reason to warn and not to refuse.
pub const REPORT_REGIONS: [&str; 28] = [
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ca-central-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Whether a Region is on in every account, without opting in: some analyzers read no other.
///
/// Source: AWS Account Management reference guide, "Enable or disable AWS Regions in your account".
pub fn is_on_by_default(region: &Region) -> bool {
    const ON: [&str; 19] = [
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "cn-north-1",
        "cn-northwest-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ];
    ON.contains(&region.as_str())
}

/// ARN of a KMS key: `arn:<partition>:kms:<region>:<account>:key/<id>`.
///
/// Source: `KMSMasterKeyID` in the Amazon S3 API reference. Key IDs and aliases are not taken, because S3
/// would look for them in the account of whoever writes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KmsKeyArn(String);

impl KmsKeyArn {
    /// The ARN of a key or an alias that was named without one.
    pub fn of_key(region: &Region, account_id: &str, name: &str) -> Self {
        let partition = super::config::partition_of(region.as_str()).unwrap_or("aws");
        Self(format!(
            "arn:{partition}:kms:{region}:{account_id}:key/{name}"
        ))
    }

    /// The ARN as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DomainText for KmsKeyArn {
    fn parse(text: &str) -> Result<Self, String> {
        let is_key = |arn: &Arn<'_>| {
            arn.service == "kms" && !arn.region.is_empty() && arn.resource.starts_with("key/")
        };
        match Arn::split(text).filter(is_key) {
            Some(_) => Ok(Self(text.to_owned())),
            None => Err(format!(
                "The ARN of a KMS key is like \"arn:aws:kms:us-east-1:111122223333:key/example\", got \
                 \"{text}\"."
            )),
        }
    }
}

impl fmt::Display for KmsKeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Secret-like text that an account owner asks for when a role is assumed; never printed by `Debug`.
///
/// Source: `ExternalId` of `AssumeRole` in the AWS STS API reference: 2 to 1,224 letters, digits or
/// `_+=,.@:/-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId(String);

impl ExternalId {
    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DomainText for ExternalId {
    fn parse(text: &str) -> Result<Self, String> {
        if is_token(text, 2..=1224, "_+=,.@:/-") {
            Ok(Self(text.to_owned()))
        } else {
            Err(
                "An external ID is 2 to 1,224 letters, digits or characters of \"_+=,.@:/-\"."
                    .to_owned(),
            )
        }
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternalId(…)")
    }
}

/// ARN of a handshake: `arn:<partition>:organizations::<sender>:handshake/<organization>/<type>/<id>`.
///
/// Its account and organization are the sender's. Source: `HandshakeArn` in the AWS Organizations API
/// reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandshakeArn {
    text: String,
    /// AWS partition, such as `aws`.
    pub partition: String,
    /// Account that sent the handshake.
    pub sender_account_id: AccountId,
    /// Organization that sent the handshake.
    pub organization_id: OrganizationId,
    /// Kind of the handshake in lower case, such as `invite`.
    pub handshake_type: String,
    /// ID of the handshake.
    pub handshake_id: HandshakeId,
}

impl HandshakeArn {
    /// The ARN as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn from_parts(text: &str) -> Option<Self> {
        let arn = Arn::split(text)?;
        if arn.service != "organizations" || !arn.region.is_empty() {
            return None;
        }
        let mut resource = arn.resource.split('/');
        let kind = resource.next()?;
        let organization_id = OrganizationId::parse(resource.next()?).ok()?;
        let handshake_type = resource.next()?;
        let handshake_id = HandshakeId::parse(resource.next()?).ok()?;
        let is_type = (1..=32).contains(&handshake_type.len())
            && handshake_type
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_');
        (kind == "handshake" && is_type && resource.next().is_none()).then(|| Self {
            text: text.to_owned(),
            partition: arn.partition.to_owned(),
            sender_account_id: arn.account_id,
            organization_id,
            handshake_type: handshake_type.to_owned(),
            handshake_id,
        })
    }
}

impl DomainText for HandshakeArn {
    fn parse(text: &str) -> Result<Self, String> {
        Self::from_parts(text).ok_or_else(|| {
            format!(
                "A handshake ARN is like \"arn:aws:organizations::111122223333:handshake/o-exampleorgid/\
                 invite/h-examplehandshake\", got \"{text}\"."
            )
        })
    }
}

impl fmt::Display for HandshakeArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// ARN of an organization: `arn:<partition>:organizations::<management account>:organization/<ID>`.
///
/// Source: `OrganizationArn` in the AWS Organizations API reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationArn {
    text: String,
    /// AWS partition, such as `aws`.
    pub partition: String,
    /// Account that manages the organization.
    pub management_account_id: AccountId,
    /// ID of the organization.
    pub organization_id: OrganizationId,
}

impl DomainText for OrganizationArn {
    fn parse(text: &str) -> Result<Self, String> {
        let parts = || {
            let arn = Arn::split(text)?;
            let id = arn.resource.strip_prefix("organization/")?;
            let organization_id = OrganizationId::parse(id).ok()?;
            let fits = arn.service == "organizations" && arn.region.is_empty();
            fits.then(|| Self {
                text: text.to_owned(),
                partition: arn.partition.to_owned(),
                management_account_id: arn.account_id,
                organization_id,
            })
        };
        parts().ok_or_else(|| {
            format!(
                "The ARN of an organization is like \"arn:aws:organizations::111122223333:organization/\
                 o-exampleorgid\", got \"{text}\"."
            )
        })
    }
}

impl fmt::Display for OrganizationArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// ARN of an IAM role: `arn:<partition>:iam::<account>:role/<path and name>`.
///
/// Source: `RoleArn` of `AssumeRole` in the AWS STS API reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    text: String,
    /// AWS partition, such as `aws`.
    pub partition: String,
    /// Account that owns the role, which is the account of its sessions.
    pub account_id: AccountId,
}

impl RoleArn {
    /// The ARN as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Name of the role, without its path.
    pub fn name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }
}

impl DomainText for RoleArn {
    fn parse(text: &str) -> Result<Self, String> {
        let role = |arn: &Arn<'_>| {
            let name = arn
                .resource
                .strip_prefix("role/")
                .and_then(|path| path.rsplit('/').next());
            arn.service == "iam"
                && arn.region.is_empty()
                && name.is_some_and(|name| is_token(name, 1..=64, "_+=,.@-"))
        };
        match Arn::split(text).filter(role) {
            Some(arn) => Ok(Self {
                text: text.to_owned(),
                partition: arn.partition.to_owned(),
                account_id: arn.account_id,
            }),
            None => Err(format!(
                "The ARN of a role is like \"arn:aws:iam::111122223333:role/Example\", got \"{text}\"."
            )),
        }
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Who may assume a role: an AWS account by its ID, or an account, user or role by its ARN.
///
/// Source: IAM user guide, "AWS JSON policy elements: Principal".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal(String);

impl Principal {
    /// The ARN as IAM shows it; a bare account is written in the partition.
    pub fn arn(&self, partition: &str) -> String {
        if is_account_id(&self.0) {
            format!("arn:{partition}:iam::{}:root", self.0)
        } else {
            self.0.clone()
        }
    }
}

impl DomainText for Principal {
    fn parse(text: &str) -> Result<Self, String> {
        let is_identity = |arn: &Arn<'_>| {
            let kinds = ["user/", "role/"];
            arn.service == "iam"
                && arn.region.is_empty()
                && (arn.resource == "root"
                    || kinds.iter().any(|kind| arn.resource.starts_with(kind)))
        };
        if is_account_id(text) || Arn::split(text).is_some_and(|arn| is_identity(&arn)) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!(
            "A principal is an account ID, or the ARN of an account's root, a user or a role, such as \
             \"arn:aws:iam::111122223333:root\", got \"{text}\"."
        ))
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

checked_text!(
    /// Name of an IAM role: 1 to 64 letters, digits or characters of `_+=,.@-`.
    ///
    /// Source: `RoleName` of `CreateRole` in the IAM API reference. A comma is not taken, because it
    /// divides the parts of an import ID.
    RoleName,
    |text| is_token(text, 1..=64, "_+=.@-").then_some(()).ok_or_else(|| format!(
        "A role's name is 1 to 64 letters, digits or characters of \"_+=.@-\", got \"{text}\"."
    ))
);

checked_text!(
    /// Path of an IAM role: `/`, or names between slashes, as in `/analyzers/`.
    ///
    /// Source: `Path` of `CreateRole` in the IAM API reference.
    RolePath,
    |text| is_role_path(text).then_some(()).ok_or_else(|| format!(
        "The path of a role begins and ends with a slash, as in \"/analyzers/\", got \"{text}\"."
    ))
);

fn is_role_path(text: &str) -> bool {
    let is_plain = text.bytes().all(|b| b.is_ascii_graphic());
    (1..=512).contains(&text.len()) && is_plain && text.starts_with('/') && text.ends_with('/')
}

/// ARN of an S3 bucket: `arn:<partition>:s3:::<bucket>`.
///
/// Source: Service Authorization Reference, resource types of Amazon S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketArn {
    text: String,
    /// AWS partition, such as `aws`.
    pub partition: String,
    /// Name of the bucket.
    pub bucket: BucketName,
}

impl DomainText for BucketArn {
    fn parse(text: &str) -> Result<Self, String> {
        let parts = || {
            let (partition, bucket) = text.strip_prefix("arn:")?.split_once(":s3:::")?;
            Some(Self {
                text: text.to_owned(),
                partition: Some(partition)
                    .filter(|name| is_partition(name))?
                    .to_owned(),
                bucket: BucketName::parse(bucket).ok()?,
            })
        };
        parts().ok_or_else(|| {
            format!("The ARN of a bucket is like \"arn:aws:s3:::example\", got \"{text}\".")
        })
    }
}

impl fmt::Display for BucketArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_partition(name: &str) -> bool {
    let rest = name.strip_prefix("aws-");
    name == "aws"
        || rest.is_some_and(|rest| is_lower_alphanumeric_or(rest, b'-') && !rest.is_empty())
}

/// Parts of an ARN that names an account.
struct Arn<'a> {
    partition: &'a str,
    service: &'a str,
    region: &'a str,
    account_id: AccountId,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn split(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let scheme = parts.next()?;
        let partition = parts.next()?;
        let arn = Self {
            partition,
            service: parts.next()?,
            region: parts.next()?,
            account_id: AccountId::parse(parts.next()?).ok()?,
            resource: parts.next()?,
        };
        (scheme == "arn" && is_partition(partition)).then_some(arn)
    }
}

/// What is wrong with the tags of one resource, one sentence per fault.
///
/// Source: `Tag` in the AWS Organizations API reference, and the AWS General Reference on tagging: at
/// most 50 tags, keys of 1 to 128 characters without the prefix `aws:`, values of up to 256 characters.
pub fn tag_faults(tags: &Tags) -> Vec<String> {
    let count =
        (tags.len() > 50).then(|| format!("A resource has at most 50 tags, got {}.", tags.len()));
    let keys = tags.keys().filter_map(|key| match key.chars().count() {
        1..=128 if !is_system_tag(key) => None,
        1..=128 => Some(format!(
            "The prefix \"aws:\" is reserved for AWS, got the tag key \"{key}\"."
        )),
        length => Some(format!(
            "A tag key is 1 to 128 characters, got {length} in \"{key}\"."
        )),
    });
    let values = tags
        .iter()
        .filter_map(|(key, value)| match value.chars().count() {
            0..=256 => None,
            length => Some(format!(
                "A tag value is at most 256 characters, got {length} for the key \"{key}\"."
            )),
        });
    count.into_iter().chain(keys).chain(values).collect()
}

/// Whether AWS keeps the tag for itself.
pub fn is_system_tag(key: &str) -> bool {
    key.get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}

/// The 12 digits of an account ID that was written with hyphens or spaces, as the console shows it.
///
/// ```
/// # use awsbilling::aws::types::normalized_account_id;
/// assert_eq!(normalized_account_id("1111-2222-3333").as_deref(), Some("111122223333"));
/// assert_eq!(normalized_account_id("1111-2222"), None);
/// ```
pub fn normalized_account_id(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    is_account_id(&digits).then_some(digits)
}

fn is_billing_view(text: &str) -> bool {
    let name = Arn::split(text)
        .filter(|arn| arn.service == "billing" && arn.region.is_empty())
        .and_then(|arn| arn.resource.strip_prefix("billingview/"));
    name.is_some_and(|name| {
        is_token(name, 1..=76, "/:_+=.-@") && name.ends_with(|c: char| c.is_ascii_alphanumeric())
    })
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_prefixed_id(text: &str, prefix: &str, shortest: usize) -> bool {
    text.strip_prefix(prefix).is_some_and(|id| {
        (shortest..=32).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

fn is_parent_id(text: &str) -> bool {
    if is_prefixed_id(text, "r-", 4) {
        return true;
    }
    let parts = text
        .strip_prefix("ou-")
        .and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(root, unit)| is_prefixed_id(root, "", 4) && is_prefixed_id(unit, "", 8))
}

fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let is_plain =
        |part: &str| !part.is_empty() && !part.contains('@') && !part.contains(char::is_whitespace);
    let has_dot = domain
        .char_indices()
        .any(|(at, c)| c == '.' && at > 0 && at + 1 < domain.len());
    (6..=64).contains(&text.chars().count()) && is_plain(name) && is_plain(domain) && has_dot
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() >= 3
        && parts
            .iter()
            .all(|part| is_lower_alphanumeric_or(part, b'-') && !part.is_empty())
        && parts
            .last()
            .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
}

fn is_token(text: &str, length: std::ops::RangeInclusive<usize>, punctuation: &str) -> bool {
    length.contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || punctuation.contains(c))
}

fn is_lower_alphanumeric_or(text: &str, other: u8) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn refused<T: DomainText>(text: &str) -> String {
        T::parse(text).unwrap_err()
    }

    #[test]
    fn account_ids_are_twelve_digits() {
        assert_eq!(
            AccountId::parse("111122223333").unwrap().as_str(),
            "111122223333"
        );
        assert_eq!(
            refused::<AccountId>("42"),
            "An AWS account ID is 12 digits, got \"42\"."
        );
        assert!(refused::<AccountId>("1111-2222-3333").contains("Write \"111122223333\""));
        assert!(
            AccountId::parse("١١١١٢٢٢٢٣٣٣٣").is_err(),
            "digits of other scripts are not digits here"
        );
    }

    #[test]
    fn ids_have_their_prefix_and_length() {
        assert!(OrganizationId::parse("o-exampleorgid").is_ok());
        assert!(OrganizationId::parse("o-short").is_err());
        assert!(HandshakeId::parse("h-examplehandshakeid111").is_ok());
        assert!(HandshakeId::parse("h-EXAMPLEHANDSHAKE").is_err());
        assert!(HandshakeId::parse(&format!("h-{}", "a".repeat(33))).is_err());
    }

    #[test]
    fn a_handshake_arn_names_its_sender() {
        let text = "arn:aws-cn:organizations::111122223333:handshake/o-exampleorgid/invite/h-examplehandshake";
        let arn = HandshakeArn::parse(text).unwrap();
        assert_eq!(arn.partition, "aws-cn");
        assert_eq!(arn.sender_account_id.as_str(), "111122223333");
        assert_eq!(arn.organization_id.as_str(), "o-exampleorgid");
        assert_eq!(arn.handshake_type, "invite");
        assert_eq!(arn.handshake_id.as_str(), "h-examplehandshake");
        assert_eq!(arn.to_string(), text);
        for wrong in [
            "h-examplehandshake",
            "arn:aws:organizations::1:handshake/o-exampleorgid/invite/h-examplehandshake",
            "arn:aws:organizations::111122223333:account/o-exampleorgid/111122223333",
            "arn:aws:organizations::111122223333:handshake/o-exampleorgid/invite/h-examplehandshake/more",
            "arn:amazon:organizations::111122223333:handshake/o-exampleorgid/invite/h-examplehandshake",
        ] {
            assert!(HandshakeArn::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_role_arn_names_its_account() {
        let arn = RoleArn::parse("arn:aws:iam::111122223333:role/teams/billing/Payer").unwrap();
        assert_eq!(arn.account_id.as_str(), "111122223333");
        assert_eq!(arn.name(), "Payer");
        assert!(RoleArn::parse("arn:aws:iam::111122223333:user/Payer").is_err());
        assert!(RoleArn::parse("arn:aws:iam::111122223333:role/").is_err());
    }

    #[test]
    fn emails_follow_the_service_model() {
        for right in ["a@b.co", "first.last+tag@mail.example.com"] {
            assert!(Email::parse(right).is_ok(), "{right}");
        }
        let long = format!("{}@example.com", "a".repeat(60));
        for wrong in [
            "a@b.c",
            "no-at.example.com",
            "two@at@example.com",
            "a b@example.com",
            "name@nodot",
            "name@dot.",
            &long,
        ] {
            assert!(Email::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_and_prefixes_of_reports_follow_the_service() {
        for right in ["hourly", "a", "It's(me)!*._-"] {
            assert!(ReportName::parse(right).is_ok(), "{right}");
        }
        for wrong in ["", "my report", "a/b", "ä", &"a".repeat(257)] {
            assert!(ReportName::parse(wrong).is_err(), "{wrong}");
        }
        let prefix = |text: &str| S3Prefix::parse(text).unwrap().fault();
        for right in ["", "cur", "a/b", "a.b/c", "..a"] {
            assert_eq!(prefix(right), None, "{right}");
        }
        for wrong in ["/a", "a/", "a//b", "aa.", "x"] {
            assert!(prefix(wrong).is_some(), "{wrong}");
        }
        for wrong in ["a b", "a|", &"a".repeat(257)] {
            assert!(S3Prefix::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_new_bucket_has_a_narrower_name_than_an_old_one() {
        let bucket = |text: &str| BucketName::parse(text).unwrap().fault();
        for right in ["example-billing-reports", "a.b-c", "123"] {
            assert_eq!(bucket(right), None, "{right}");
        }
        for wrong in [
            "Upper",
            "under_score",
            "-a-",
            "a..b",
            "a.b.",
            &"a".repeat(64),
        ] {
            assert!(bucket(wrong).is_some(), "{wrong}");
        }
        assert!(BucketName::parse("ab").is_err());
    }

    #[test]
    fn notes_count_characters_not_bytes() {
        assert!(Notes::parse(&"é".repeat(1024)).is_ok());
        assert_eq!(
            refused::<Notes>(&"a".repeat(1025)),
            "Notes are at most 1,024 characters, got 1025."
        );
    }

    #[test]
    fn a_word_that_aws_invents_is_kept() {
        let state = HandshakeState::parse("PAUSED").unwrap();
        assert_eq!(state, HandshakeState::Other("PAUSED".to_owned()));
        assert_eq!(state.to_string(), "PAUSED");
        assert!(!state.is_pending());
        assert!(HandshakeState::Open.is_pending() && HandshakeState::Requested.is_pending());
    }

    #[test]
    fn an_external_id_is_not_printed_by_debug() {
        let id = ExternalId::parse("tenant:4711/secret").unwrap();
        assert!(!format!("{id:?}").contains("4711"));
        assert!(
            !refused::<ExternalId>("white space").contains("white"),
            "a refused one is not echoed"
        );
    }

    #[test]
    fn every_fault_of_the_tags_is_said() {
        let mut tags: Tags = (0..51)
            .map(|n| (format!("key{n}"), String::new()))
            .collect();
        tags.insert("AWS:owner".to_owned(), String::new());
        tags.insert(String::new(), String::new());
        tags.insert("long".to_owned(), "v".repeat(257));
        let faults = tag_faults(&tags).join("\n");
        for expected in [
            "at most 50 tags, got 54",
            "reserved for AWS",
            "1 to 128 characters",
            "got 257",
        ] {
            assert!(faults.contains(expected), "{expected} in {faults}");
        }
        assert!(tag_faults(&Tags::from([("team".to_owned(), "billing".to_owned())])).is_empty());
    }

    #[test]
    fn regions_look_like_regions() {
        for right in ["us-east-1", "us-gov-west-1", "eusc-de-east-1"] {
            assert!(Region::parse(right).is_ok(), "{right}");
        }
        for wrong in ["", "global", "US-EAST-1", "us-east"] {
            assert!(Region::parse(wrong).is_err(), "{wrong}");
        }
    }
}
