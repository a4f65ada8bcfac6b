data "awsbilling_cur_bucket_policy" "example" {
  bucket = "example-billing-reports"
}

output "bucket_policy" {
  value = data.awsbilling_cur_bucket_policy.example.json
}
