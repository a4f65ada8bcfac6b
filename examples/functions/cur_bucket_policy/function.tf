output "bucket_policy" {
  value = provider::awsbilling::cur_bucket_policy("arn:aws:s3:::example-billing-reports", "111122223333")
}
