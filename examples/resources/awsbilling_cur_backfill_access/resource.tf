resource "awsbilling_cur_backfill_access" "example" {
  report_name = "finance-daily"
  principals  = ["111122223333"] # account of the analyzer
}
