import {
  to = awsbilling_cost_analyzer_connection.example
  identity = {
    role_name = "awsbilling-cloudhealth"
  }
}
