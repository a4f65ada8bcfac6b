data "awsbilling_cur_delivery" "example" {
  report_name     = "hourly-resources"
  backfill_months = 12
}

output "does_data_flow" {
  value = data.awsbilling_cur_delivery.example.explanation
}
