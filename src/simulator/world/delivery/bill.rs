//! What a report says: lines of usage up to a time, small but with the columns of a cost and usage report (user guide,
//! "Data dictionary").

use std::fmt::Write as _;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::Month;
use crate::clock;
use crate::world::{AccountId, ReportDefinition, World};

/// The columns that every report has; those of `RESOURCES` and the others come behind.
const COLUMNS: [&str; 28] = [
    "identity/LineItemId",
    "identity/TimeInterval",
    "bill/InvoiceId",
    "bill/InvoicingEntity",
    "bill/BillingEntity",
    "bill/BillType",
    "bill/PayerAccountId",
    "bill/BillingPeriodStartDate",
    "bill/BillingPeriodEndDate",
    "lineItem/UsageAccountId",
    "lineItem/LineItemType",
    "lineItem/UsageStartDate",
    "lineItem/UsageEndDate",
    "lineItem/ProductCode",
    "lineItem/UsageType",
    "lineItem/Operation",
    "lineItem/AvailabilityZone",
    "lineItem/UsageAmount",
    "lineItem/CurrencyCode",
    "lineItem/UnblendedRate",
    "lineItem/UnblendedCost",
    "lineItem/BlendedRate",
    "lineItem/BlendedCost",
    "lineItem/LineItemDescription",
    "product/ProductName",
    "product/region",
    "pricing/term",
    "pricing/unit",
];
/// Columns by the schema element that asks for them.
const FURTHER: [(&str, &[&str]); 3] = [
    ("RESOURCES", &["lineItem/ResourceId"]),
    (
        "SPLIT_COST_ALLOCATION_DATA",
        &[
            "splitLineItem/ParentResourceId",
            "splitLineItem/SplitUsage",
            "splitLineItem/SplitCost",
            "splitLineItem/UnusedCost",
        ],
    ),
    (
        "MANUAL_DISCOUNT_COMPATIBILITY",
        &["discount/TotalDiscount", "discount/BundledDiscount"],
    ),
];

/// A product that is used.
struct Product {
    code: &'static str,
    usage_type: &'static str,
    operation: &'static str,
    name: &'static str,
    unit: &'static str,
    rate: f64,
}

const PRODUCTS: [Product; 2] = [
    Product {
        code: "AmazonEC2",
        usage_type: "BoxUsage:t3.micro",
        operation: "RunInstances",
        name: "Amazon Elastic Compute Cloud",
        unit: "Hrs",
        rate: 0.0104,
    },
    Product {
        code: "AmazonS3",
        usage_type: "TimedStorage-ByteHrs",
        operation: "StandardStorage",
        name: "Amazon Simple Storage Service",
        unit: "GB-Mo",
        rate: 0.023,
    },
];

/// The bill of a month, as a report shows it at a time.
pub(super) struct Bill<'a> {
    definition: &'a ReportDefinition,
    payer: AccountId,
    accounts: Vec<AccountId>,
    month: Month,
    until: OffsetDateTime,
}

impl<'a> Bill<'a> {
    /// A management account sees the whole organization, any other account itself.
    pub(super) fn new(
        world: &World,
        account: &AccountId,
        definition: &'a ReportDefinition,
        month: Month,
        at: OffsetDateTime,
    ) -> Self {
        let organization = world
            .account(account.as_str())
            .and_then(|account| account.organization())
            .and_then(|id| world.organization(id.as_str()));
        let (payer, accounts) = match organization {
            Some(organization) if organization.management == *account => (
                account.clone(),
                organization.members.iter().cloned().collect(),
            ),
            Some(organization) => (organization.management.clone(), vec![account.clone()]),
            None => (account.clone(), vec![account.clone()]),
        };
        Self {
            definition,
            payer,
            accounts,
            month,
            until: at.min(month.end()),
        }
    }

    fn columns(&self) -> Vec<&'static str> {
        let further = FURTHER
            .iter()
            .filter(|(element, _)| self.definition.has_schema_element(element))
            .flat_map(|(_, columns)| columns.iter());
        COLUMNS.iter().chain(further).copied().collect()
    }

    /// The columns as Parquet and SQL name them: `line_item_usage_amount`.
    pub(super) fn parquet_columns(&self) -> Vec<String> {
        self.columns().into_iter().map(snake).collect()
    }

    /// The columns as a manifest tells them.
    pub(super) fn manifest_columns(&self) -> Vec<Value> {
        let columns = self.columns().into_iter();
        let parts = columns.filter_map(|column| column.split_once('/'));
        parts
            .map(|(category, name)| match self.definition.format.as_str() {
                "Parquet" => json!({"category": snake(category), "name": snake(name), "type": "OptionalString"}),
                _ => json!({"category": category, "name": name}),
            })
            .collect()
    }

    /// The lines, with a text for each column.
    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let columns = self.columns();
        let mut rows = Vec::new();
        for (start, end) in self.intervals() {
            for account in &self.accounts {
                for product in &PRODUCTS {
                    let line = Line {
                        bill: self,
                        account,
                        product,
                        start,
                        end,
                    };
                    rows.push(columns.iter().map(|column| line.value(column)).collect());
                }
            }
        }
        rows
    }

    /// One interval for the month, or one for each day: the day, or its first hour.
    fn intervals(&self) -> Vec<(OffsetDateTime, OffsetDateTime)> {
        let length = match self.definition.time_unit.as_str() {
            "MONTHLY" => return vec![(self.month.start(), self.month.end())],
            "DAILY" => Duration::DAY,
            _ => Duration::HOUR,
        };
        let days = (self.until - self.month.start()).whole_days();
        (0..=days)
            .map(|day| self.month.start() + Duration::days(day))
            .filter(|start| *start < self.until)
            .map(|start| (start, start + length))
            .collect()
    }

    /// The report as text with comma-separated values.
    pub(super) fn csv(&self) -> String {
        let mut text = self.columns().join(",");
        text.push('\n');
        for row in self.rows() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", row.join(","));
        }
        text
    }
}

/// One line of a bill.
struct Line<'a> {
    bill: &'a Bill<'a>,
    account: &'a AccountId,
    product: &'a Product,
    start: OffsetDateTime,
    end: OffsetDateTime,
}

impl Line<'_> {
    /// The text of a column; empty where the line has nothing to say. No text has a comma.
    fn value(&self, column: &str) -> String {
        let Self {
            bill,
            account,
            product,
            start,
            end,
        } = self;
        let (start, end) = (clock::iso(*start), clock::iso(*end));
        match column {
            "identity/LineItemId" => format!("{account}{}{start}", product.code).to_lowercase(),
            "identity/TimeInterval" => format!("{start}/{end}"),
            "bill/InvoicingEntity" => "Amazon Web Services Inc.".to_owned(),
            "bill/BillingEntity" => "AWS".to_owned(),
            "bill/BillType" => "Anniversary".to_owned(),
            "bill/PayerAccountId" => bill.payer.to_string(),
            "bill/BillingPeriodStartDate" => clock::iso(bill.month.start()),
            "bill/BillingPeriodEndDate" => clock::iso(bill.month.end()),
            "lineItem/UsageAccountId" => account.to_string(),
            "lineItem/LineItemType" => "Usage".to_owned(),
            "lineItem/UsageStartDate" => start,
            "lineItem/UsageEndDate" => end,
            "lineItem/ProductCode" => product.code.to_owned(),
            "lineItem/UsageType" => product.usage_type.to_owned(),
            "lineItem/Operation" => product.operation.to_owned(),
            "lineItem/ResourceId" => format!("{}-{account}", product.code.to_lowercase()),
            "lineItem/UsageAmount" => "1.0000000000".to_owned(),
            "lineItem/CurrencyCode" => "USD".to_owned(),
            "lineItem/UnblendedRate"
            | "lineItem/UnblendedCost"
            | "lineItem/BlendedRate"
            | "lineItem/BlendedCost" => {
                format!("{:.10}", product.rate)
            }
            "lineItem/LineItemDescription" => format!("${} per {}", product.rate, product.unit),
            "product/ProductName" => product.name.to_owned(),
            "product/region" => "us-east-1".to_owned(),
            "pricing/term" => "OnDemand".to_owned(),
            "pricing/unit" => product.unit.to_owned(),
            _ => String::new(),
        }
    }
}

/// `lineItem/UsageAmount` as `line_item_usage_amount`.
fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    let mut after_lowercase = false;
    for c in name.chars() {
        if c == '/' {
            text.push('_');
        } else {
            if c.is_ascii_uppercase() && after_lowercase {
                text.push('_');
            }
            text.push(c.to_ascii_lowercase());
        }
        after_lowercase = c.is_ascii_lowercase();
    }
    text
}
