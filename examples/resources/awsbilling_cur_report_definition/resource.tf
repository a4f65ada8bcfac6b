resource "awsbilling_cur_report_definition" "example" {
  report_name                = "hourly-resources"
  time_unit                  = "HOURLY"
  format                     = "Parquet"
  compression                = "Parquet"
  additional_schema_elements = ["RESOURCES"]
  additional_artifacts       = ["ATHENA"]
  report_versioning          = "OVERWRITE_REPORT"
  s3_bucket                  = "example-billing-reports"
  s3_region                  = "us-east-1"
  s3_prefix                  = "cur"
}
