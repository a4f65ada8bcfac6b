data "awsbilling_cost_analyzer_profile" "example" {
  analyzer = "spot_billing_engine"
}

output "requirements" {
  value = data.awsbilling_cost_analyzer_profile.example.requirements
}
