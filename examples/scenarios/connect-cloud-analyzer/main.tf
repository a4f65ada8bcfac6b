# From a management account without reports to Spot Cloud Analyzer reading its bill.

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

resource "awsbilling_cur_report_definition" "hourly" {
  report_name                = "hourly-resources"
  time_unit                  = "HOURLY"
  format                     = "Parquet"
  compression                = "Parquet"
  additional_schema_elements = ["RESOURCES"]
  additional_artifacts       = ["ATHENA"]
  report_versioning          = "OVERWRITE_REPORT"
  refresh_closed_reports     = true
  s3_bucket                  = awsbilling_cur_bucket.reports.bucket
  s3_region                  = awsbilling_cur_bucket.reports.region
  s3_prefix                  = "cur"
}

resource "awsbilling_cost_analyzer_connection" "spot" {
  analyzer    = "spot_cloud_analyzer"
  report_name = awsbilling_cur_report_definition.hourly.report_name
}

data "awsbilling_cur_delivery" "hourly" {
  report_name = awsbilling_cur_report_definition.hourly.report_name
  depends_on  = [awsbilling_cur_report_definition.hourly]
}

output "paste_this_into_the_analyzer" {
  value = awsbilling_cost_analyzer_connection.spot.role_arn
}

output "does_data_flow" {
  value = data.awsbilling_cur_delivery.hourly.explanation
}
