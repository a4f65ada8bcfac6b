import {
  to = awsbilling_cur_report_definition.example
  identity = {
    report_name = "hourly-resources"
  }
}
