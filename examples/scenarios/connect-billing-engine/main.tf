# A report for Spot Billing Engine: comma-separated values for Redshift, in a bucket of its own.

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
  bucket       = "example-billing-engine"
  region       = "eu-west-1"
  data_exports = false
}

resource "awsbilling_cur_report_definition" "engine" {
  report_name                = "billing-engine"
  time_unit                  = "HOURLY"
  format                     = "textORcsv"
  compression                = "GZIP"
  additional_schema_elements = ["RESOURCES"]
  additional_artifacts       = ["REDSHIFT"]
  report_versioning          = "CREATE_NEW_REPORT"
  refresh_closed_reports     = true
  s3_bucket                  = awsbilling_cur_bucket.reports.bucket
  s3_region                  = awsbilling_cur_bucket.reports.region
  s3_prefix                  = "CUR"
}

# The account and the external ID stand in the template that the connect wizard offers.
resource "awsbilling_cost_analyzer_connection" "engine" {
  analyzer    = "spot_billing_engine"
  report_name = awsbilling_cur_report_definition.engine.report_name
  principals  = ["999988887777"]
  external_id = "example-external-id"
}

data "awsbilling_cur_delivery" "engine" {
  report_name = awsbilling_cur_report_definition.engine.report_name
  depends_on  = [awsbilling_cur_report_definition.engine]
}

output "role" {
  value = awsbilling_cost_analyzer_connection.engine.role_arn
}

output "prefix_that_the_wizard_asks_for" {
  value = provider::awsbilling::cur_report_prefix(
    awsbilling_cur_report_definition.engine.s3_prefix,
    awsbilling_cur_report_definition.engine.report_name,
  )
}

output "does_data_flow" {
  value = data.awsbilling_cur_delivery.engine.explanation
}
