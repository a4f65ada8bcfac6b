import {
  to = awsbilling_cur_bucket.example
  identity = {
    bucket = "example-billing-reports"
  }
}
