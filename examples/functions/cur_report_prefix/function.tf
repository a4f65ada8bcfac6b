# "cur/hourly-resources"
output "prefix_that_the_analyzer_asks_for" {
  value = provider::awsbilling::cur_report_prefix("cur", "hourly-resources")
}
