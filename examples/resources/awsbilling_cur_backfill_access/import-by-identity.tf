import {
  to = awsbilling_cur_backfill_access.example
  identity = {
    report_name = "hourly-resources"
  }
}
