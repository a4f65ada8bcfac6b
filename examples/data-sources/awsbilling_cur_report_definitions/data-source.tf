data "awsbilling_cur_report_definitions" "example" {}

output "reports_that_are_not_delivered" {
  value = [
    for report in data.awsbilling_cur_report_definitions.example.reports : report.report_name
    if report.last_status != "SUCCESS"
  ]
}
