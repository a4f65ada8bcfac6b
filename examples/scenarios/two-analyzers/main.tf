# Two analyzers whose demands exclude each other: one bucket, and a report for each.

terraform {
  required_version = ">= 1.8"

  required_providers {
    awsbilling = {
      source = "awsbilling/awsbilling"
    }
  }
}

provider "awsbilling" {
  profile             = "customer-management"
  allowed_account_ids = ["111122223333"]
}

resource "awsbilling_cur_bucket" "reports" {
  bucket = "example-billing-reports"
  region = "us-east-1"
}

locals {
  reports = {
    cloud-analyzer = {
      format     = "Parquet", compression = "Parquet", artifact = "ATHENA"
      versioning = "OVERWRITE_REPORT"
    }
    billing-engine = {
      format     = "textORcsv", compression = "GZIP", artifact = "REDSHIFT"
      versioning = "CREATE_NEW_REPORT"
    }
  }
}

resource "awsbilling_cur_report_definition" "all" {
  for_each = local.reports

  report_name                = each.key
  time_unit                  = "HOURLY"
  format                     = each.value.format
  compression                = each.value.compression
  additional_schema_elements = ["RESOURCES"]
  additional_artifacts       = [each.value.artifact]
  report_versioning          = each.value.versioning
  s3_bucket                  = awsbilling_cur_bucket.reports.bucket
  s3_region                  = awsbilling_cur_bucket.reports.region
  s3_prefix                  = "cur"
}

resource "awsbilling_cost_analyzer_connection" "cloud_analyzer" {
  analyzer    = "spot_cloud_analyzer"
  report_name = awsbilling_cur_report_definition.all["cloud-analyzer"].report_name
}

resource "awsbilling_cost_analyzer_connection" "billing_engine" {
  analyzer    = "spot_billing_engine"
  report_name = awsbilling_cur_report_definition.all["billing-engine"].report_name
  principals  = ["999988887777"]
  external_id = "example-external-id"
}

output "roles" {
  value = {
    cloud_analyzer = awsbilling_cost_analyzer_connection.cloud_analyzer.role_arn
    billing_engine = awsbilling_cost_analyzer_connection.billing_engine.role_arn
  }
}
