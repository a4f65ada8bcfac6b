resource "awsbilling_cur_backfill_access" "example" {
  report_name = "hourly-resources"
  principals  = ["999988887777"] # account of the analyzer
}
